package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
	"github.com/wardscope/wardscope/sensor/control/check"
)

func newCheck() *cobra.Command {
	var file, output string
	var interfaces []string
	var vlans []uint
	var watch time.Duration
	cmd := &cobra.Command{
		Use:   "check [--config FILE | --interface NAME…]",
		Short: "Watch the mirror for half a minute and say what is wrong, with remedies",
		Long: `Look at the machine, the way to the hub and the mirror, and say in plain words what is wrong or
would stop the sensor, and what to do: link, privileges, offloads that merge packets, whether the capture
interface could transmit, ring memory, disk, clock, a proxy that re-signs TLS, VLANs and hosts seen, one
direction only, duplicates, broadcast only, packets cut short. Nothing is sent to the mirrored network.
Exit 0: all is well, or works with a flaw. Exit 3: something has to be mended.`,
		Example: `  wardscope-sensor check --config /etc/wardscope/sensor.yaml
  wardscope-sensor check --interface eth1 --for 5m --vlan 110,120`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output %s: want text or json", output)
			}
			s := defaultSettings()
			if file != "" || len(interfaces) == 0 {
				var err error
				if s, err = loadSettings(file); err != nil {
					return err
				}
			}
			if len(interfaces) > 0 {
				s.Capture.Interfaces, s.Capture.Domains = interfaces, nil
			}
			for _, id := range vlans {
				s.Capture.VLANs = append(s.Capture.VLANs, uint16(min(id, 4095)))
			}
			return runCheck(cmd.Context(), s, watch, &checkReport{out: cmd.OutOrStdout(), json: output == "json"})
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration file")
	f.StringSliceVar(&interfaces, "interface", nil, "capture interface, instead of those of the configuration; several are one domain")
	f.UintSliceVar(&vlans, "vlan", nil, "VLANs that the mirror should carry, 0 for untagged")
	f.DurationVar(&watch, "for", 30*time.Second, "how long to watch")
	f.StringVar(&output, "output", "text", "text or json (one result a line)")
	return cmd
}

// checkReport prints results as they come.
type checkReport struct {
	out              io.Writer
	json             bool
	faults, warnings int
	err              error
}

func (r *checkReport) add(about string, results ...check.Result) {
	for _, one := range results {
		switch one.Level {
		case check.Fault:
			r.faults++
		case check.Warning:
			r.warnings++
		}
		if r.json {
			line := map[string]string{"level": one.Level.String(), "topic": one.Topic, "about": about, "name": one.Name, "text": one.Text, "remedy": one.Remedy}
			r.err = errors.Join(r.err, json.NewEncoder(r.out).Encode(line))
			continue
		}
		if about != "" && !strings.Contains(one.Text, about) {
			one.Text = about + ": " + one.Text
		}
		r.print("%-8s %-11s %s\n", map[check.Level]string{check.OK: "ok", check.Warning: "WARNING", check.Fault: "FAULT"}[one.Level], one.Topic, one.Text)
		if one.Remedy != "" {
			r.print("%20s do: %s\n", "", one.Remedy)
		}
	}
}

func (r *checkReport) print(format string, args ...any) {
	_, err := fmt.Fprintf(r.out, format, args...)
	r.err = errors.Join(r.err, err)
}

func runCheck(ctx context.Context, s *settings, watch time.Duration, r *checkReport) error {
	r.add("", check.Privileges(), check.Clock(), check.Disk(s.beside(s.Spool.Dir), int64(s.Spool.MaxBytes)))
	rings := int64(0)
	for _, d := range s.domains() {
		rings += int64(len(d.Interfaces)*s.Capture.Workers) * int64(s.Capture.RingBytes)
		for _, name := range d.Interfaces {
			r.add("", check.Link(name), check.Offloads(name), silenceOf(name, s.Capture.UplinkInterface))
		}
	}
	if rings > 0 {
		r.add("", check.RingMemory(rings))
	}
	r.add("", checkWays(ctx, s)...)
	if err := checkMirrors(ctx, s, watch, r); err != nil {
		return err
	}
	if !r.json {
		r.print("%d faults, %d warnings\n", r.faults, r.warnings)
	}
	if r.err != nil {
		return r.err
	}
	if r.faults > 0 {
		return &codedError{code: exitMissing, err: fmt.Errorf("%d faults have to be mended", r.faults)}
	}
	return nil
}

func silenceOf(name, uplink string) check.Result {
	state, err := afpacket.Silence(name, uplink)
	switch {
	case err != nil:
		return check.Result{Level: check.Fault, Topic: "silence", Name: "absent", Text: err.Error(), Remedy: "correct the interface's name"}
	case state.CanSend:
		return check.Result{
			Level: check.Warning, Topic: "silence", Name: "can_send", Text: name + " could transmit: it " + strings.Join(state.Reasons, ", it "), Remedy: strings.Join(state.Remedies, "; "),
		}
	}
	return check.Result{Level: check.OK, Topic: "silence", Text: name + " cannot transmit"}
}

// checkMirrors watches all domains at the same time.
func checkMirrors(ctx context.Context, s *settings, watch time.Duration, r *checkReport) error {
	domains := s.domains()
	if len(domains) == 0 {
		return nil
	}
	if !r.json {
		r.print("watching the mirror for %v\n", watch)
	}
	results := make([][]check.Result, len(domains))
	group, ctx := errgroup.WithContext(ctx)
	for i, d := range domains {
		group.Go(func() (err error) {
			results[i], err = watchDomain(ctx, s, d, watch)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, d := range domains {
		r.add(strings.Join(d.Interfaces, "+"), results[i]...)
	}
	return nil
}

func watchDomain(ctx context.Context, s *settings, d domainSettings, watch time.Duration) (_ []check.Result, err error) {
	cfg := afpacket.DefaultConfig()
	cfg.Interfaces, cfg.Domain, cfg.RingBytes, cfg.Filter = d.Interfaces, model.DomainID(d.Domain), int(s.Capture.RingBytes), s.Capture.Filter
	sources, err := afpacket.Open(cfg)
	if err != nil { // its cause is among the results already: no such interface, no privilege, no memory
		return []check.Result{{Level: check.Fault, Topic: "mirror", Name: "closed", Text: err.Error(), Remedy: "mend the faults above first"}}, nil
	}
	source := sources[0]
	defer func() { err = errors.Join(err, source.Close()) }()
	w, err := check.NewWatch()
	if err != nil {
		return nil, err
	}
	var f capture.Frame
	end := time.Now().Add(watch)
	for n := 0; n&63 != 0 || time.Now().Before(end); n++ {
		switch err := source.Next(&f); {
		case err == nil:
			w.Frame(&f)
		case errors.Is(err, capture.ErrTimeout):
			n |= 63 // look at the clock
		default:
			return nil, &codedError{code: exitMissing, err: fmt.Errorf("watch mirror: %w", err)}
		}
		if ctx.Err() != nil {
			break
		}
	}
	view := w.View()
	view.LostBeforeSensor = source.Stats().Lost()
	return check.Judge(view, watch, s.Capture.VLANs), nil
}
