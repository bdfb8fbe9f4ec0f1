package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// bundleWait is between two looks whether a support bundle has come.
const bundleWait = time.Second

func newSupportBundle(a *app) *cobra.Command {
	var out string
	var patience time.Duration
	cmd := &cobra.Command{
		Use: "support-bundle SENSOR", Short: "Fetch a sensor's configuration, health and the end of its log; no payload, no secrets", Args: cobra.ExactArgs(1),
		Long: `Ask a sensor for its support bundle and write it to a file: its configuration, health, machine, interfaces and the
end of its log. Passwords, tokens and keys are removed at the sensor; packets and events are never in it. At a
sensor that the hub does not reach: wardscope-sensor support-bundle.`,
		Example: "  wardscope sensors support-bundle north-1 --out north-1.tar.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				out = args[0] + "-support.tar.gz"
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				asked, err := c.Fleet.RequestSupportBundle(ctx, &hubv1.RequestSupportBundleRequest{Sensor: args[0]})
				if err != nil {
					return err
				}
				answer, err := awaitBundle(ctx, c, args[0], asked.GetNumber(), patience)
				if err != nil {
					return err
				}
				if err := os.WriteFile(out, answer.GetArchive(), 0o600); err != nil {
					return fmt.Errorf("write support bundle: %w", err)
				}
				_, err = fmt.Fprintf(a.out, "wrote %s, %s; `tar tzf %s` lists what is in it\n", out, size(uint64(len(answer.GetArchive()))), out)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write (default: SENSOR-support.tar.gz)")
	cmd.Flags().DurationVar(&patience, "wait", 30*time.Second, "for how long to wait for the sensor")
	return cmd
}

// awaitBundle looks until the bundle has come.
func awaitBundle(ctx context.Context, c *client.Client, sensor string, number uint64, patience time.Duration) (*hubv1.GetSupportBundleResponse, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(bundleWait)
	defer tick.Stop()
	for {
		answer, err := c.Fleet.GetSupportBundle(ctx, &hubv1.GetSupportBundleRequest{Sensor: sensor, Number: number})
		if status.Code(err) != codes.NotFound {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late.C:
			return nil, fmt.Errorf("sensor %s has not sent its bundle within %s; `wardscope sensors list` shows whether it is there, and it sends the bundle when it comes back", sensor, patience)
		case <-tick.C:
		}
	}
}
