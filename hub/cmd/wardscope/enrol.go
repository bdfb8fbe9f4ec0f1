package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newSensorsEnrol(a *app) *cobra.Command {
	var site, sensor string
	var ttl time.Duration
	var replace bool
	cmd := &cobra.Command{
		Use:   "enroll-token --site SITE",
		Short: "Make a one-time token by which one sensor enrols itself, and print the commands to paste there",
		Long: `Make a token that is good once, for one sensor, for a short time. The sensor makes its own key, which
never leaves it, and knows the hub by the fingerprint in the token. The hub keeps only the token's digest.`,
		Example: "  wardscope sensors enroll-token --site north\n  wardscope sensors enroll-token --site north --sensor north-1 --ttl 15m --replace",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if site == "" {
				return errors.New("--site is missing")
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Sensors.CreateEnrolmentToken(ctx, &hubv1.CreateEnrolmentTokenRequest{Site: site, Sensor: sensor, Ttl: durationpb.New(ttl), Replace: replace})
				if err != nil {
					return err
				}
				if a.form == "json" {
					return printJSON(a.out, answer)
				}
				_, err = fmt.Fprintf(a.out, enrolText, answer.GetSensor(), site, when(answer.GetExpires()), answer.GetHubUrl(), answer.GetToken(), answer.GetCaFingerprint())
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&site, "site", "", "site of the sensor")
	f.StringVar(&sensor, "sensor", "", "sensor id (default the next free one of the site, such as north-2)")
	f.DurationVar(&ttl, "ttl", time.Hour, "how long the token is good for, up to 168h")
	f.BoolVar(&replace, "replace", false, "the sensor exists: its present certificates end when the token is used")
	return cmd
}

// enrolText has the four commands of a site's first hour.
const enrolText = `Token for sensor %s at site %s, good once, until %s. Paste these as root at the sensor, where the
file wardscope-sensor lies:

  install -m 0755 wardscope-sensor /usr/local/bin/
  wardscope-sensor enroll --hub %s --token %s --out /var/lib/wardscope
  wardscope-sensor check --config /var/lib/wardscope/sensor.yaml
  wardscope-sensor run --config /var/lib/wardscope/sensor.yaml

The sensor verifies the hub by its CA, SHA-256 %s.
`

func newSensorsRevoke(a *app) *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use:     "revoke SENSOR --why REASON",
		Short:   "Shut a sensor out at once, on every transport; only a new enrolment lets it in again",
		Example: "  wardscope sensors revoke north-1 --why 'stolen from the cabinet, INC-231'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if why == "" {
				return errors.New("--why is missing: those who come after you will ask")
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if _, err := c.Sensors.RevokeSensor(ctx, &hubv1.RevokeSensorRequest{Sensor: args[0], Reason: why}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "%s is shut out and cut; to let it in again: wardscope sensors enroll-token --site SITE --sensor %s\n", args[0], args[0])
				return err
			})
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "why; shown with the sensor and in the audit")
	return cmd
}

func newAudit(a *app) *cobra.Command {
	var s span
	var object string
	var limit int32
	cmd := &cobra.Command{
		Use: "audit", Short: "Who did what, and what was refused to whom, newest first", Args: cobra.NoArgs,
		Example: "  wardscope audit --from 2h\n  wardscope audit --object north-1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			period, err := s.period()
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Audit.ListAudit(ctx, &hubv1.ListAuditRequest{Period: period, Object: object, Limit: limit})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"time", "who", "from", "did", "site", "to", "outcome", "why"}, wide: "why"}
				for _, l := range answer.GetLines() {
					v.add(when(l.GetTime()), l.GetActor(), l.GetRemote(), l.GetMethod(), l.GetSite(), l.GetObject(), l.GetOutcome(), l.GetDetail())
				}
				return a.print(answer, v)
			})
		},
	}
	cmd.Flags().StringVar(&s.from, "from", "", "begin of the period: a time, a date, or 2h for two hours ago (default: all that is kept)")
	cmd.Flags().StringVar(&s.to, "to", "", "end of the period")
	cmd.Flags().StringVar(&object, "object", "", "what it was done to, such as a sensor")
	cmd.Flags().Int32Var(&limit, "limit", 100, "most lines")
	return cmd
}
