package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/sensor/control/enrol"
)

func newEnroll() *cobra.Command {
	cfg := enrol.Config{Version: version}
	cmd := &cobra.Command{
		Use:   "enroll --hub URL --token TOKEN --out DIR",
		Short: "Become a sensor of a hub: make a key here, get certificate and configuration",
		Long: `Make a key, which never leaves this machine, and get from the hub a certificate, its CA and a
configuration that ` + "`run`" + ` takes as is. The token carries the fingerprint of the hub's CA: to a hub
that cannot prove it, or to a proxy in its place, nothing is said. If the answer gets lost, the same
command works again. Exit 2: the hub refuses, or something given is wrong. Exit 3: it cannot be reached.`,
		Example: `  wardscope-sensor enroll --hub https://hub.example.org:8443 --token wset_… --out /var/lib/wardscope
  wardscope-sensor enroll --hub https://hub.example.org:8443 --token wset_… --out /var/lib/wardscope --interface eth1 --proxy http://proxy:3128`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for flag, value := range map[string]string{"--hub": cfg.Hub, "--token": cfg.Token, "--out": cfg.Out} {
				if value == "" {
					return fmt.Errorf("%s is missing; `wardscope sensors enroll-token` prints the whole command", flag)
				}
			}
			ports, err := enrol.Ports()
			if err == nil {
				cfg.Interface, err = enrol.MirrorPort(cfg.Interface, ports)
			}
			if err != nil {
				return &codedError{code: exitUsage, err: err}
			}
			r, err := enrol.Run(cmd.Context(), cfg)
			if err != nil {
				return enrolFailed(err)
			}
			return tellEnrolled(cmd.OutOrStdout(), cfg, r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Hub, "hub", "", "address at which the hub enrols sensors")
	f.StringVar(&cfg.Token, "token", "", "one-time token")
	f.StringVar(&cfg.Out, "out", "", "folder for certificate, CA and configuration")
	f.StringVar(&cfg.Interface, "interface", "", "the mirror's interface (default the only one that is up and has no address)")
	f.StringVar(&cfg.Proxy, "proxy", "", "HTTP proxy on the way to the hub; kept in the configuration")
	f.StringVar(&cfg.Site, "site", "", "refuse the token unless it is for this site")
	f.StringVar(&cfg.Sensor, "sensor", "", "refuse the token unless it is for this sensor")
	f.BoolVar(&cfg.Replace, "replace", false, "the folder may hold an enrolled sensor")
	return cmd
}

func enrolFailed(err error) error {
	code := exitMissing
	fault, ok := errors.AsType[*enrol.Fault](err)
	if ok && fault.Cause != "unreachable" && fault.Cause != "name" && fault.Cause != "busy" && fault.Cause != "tls" {
		code = exitUsage
	}
	return &codedError{code: code, err: err}
}

// mostSkew is more than a time server ever leaves.
const mostSkew = 2 * time.Second

func tellEnrolled(out io.Writer, cfg enrol.Config, r enrol.Result) error {
	_, err := fmt.Fprintf(out, "enrolled as %s at site %s; certificate until %s, renewed by itself\nwrote %s; it captures from %s and sends to %s\n",
		r.Identity.Sensor, r.Identity.Site, r.Expires.UTC().Format(time.RFC3339), r.Config, cfg.Interface, r.Hub)
	if err == nil && r.Clock.Abs() > mostSkew+r.Error {
		_, err = fmt.Fprintf(out, "warning: the clock here is %s; set it by a time server, or times of events will be off by that much until the hub has measured it\n", skew(r.Clock))
	}
	return err
}

func skew(d time.Duration) string {
	if d < 0 {
		return (-d).Round(time.Second).String() + " behind the hub's"
	}
	return d.Round(time.Second).String() + " ahead of the hub's"
}
