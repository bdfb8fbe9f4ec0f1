package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newQuarantine(a *app) *cobra.Command {
	var sensor string
	var limit int32
	cmd := &cobra.Command{
		Use: "quarantine", Short: "Batches that could not be read, why, and how to take them in again", Args: cobra.NoArgs,
		Long: `A batch that the hub cannot read is kept whole for 90 days: one of a newer sensor, which a newer hub reads, or a
damaged one. After an upgrade of the hub, retake takes in what it can read now. Each batch is stored once,
however often that is done, and leaves the list.`,
		Example: "  wardscope sensors quarantine --sensor north-1\n  wardscope sensors quarantine retake",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Fleet.ListQuarantine(ctx, &hubv1.ListQuarantineRequest{Sensor: sensor, Limit: limit})
				if err != nil {
					return err
				}
				v := quarantineView(answer.GetBatches())
				if n := len(answer.GetBatches()); n == 0 {
					v.note("nothing is in quarantine")
				} else {
					v.note("after an upgrade of the hub: wardscope sensors quarantine retake")
				}
				return a.print(answer, v)
			})
		},
	}
	cmd.Flags().StringVar(&sensor, "sensor", "", "one sensor only")
	cmd.Flags().Int32Var(&limit, "limit", 100, "most batches")
	cmd.AddCommand(newRetake(a))
	return cmd
}

func newRetake(a *app) *cobra.Command {
	var sensor string
	cmd := &cobra.Command{
		Use: "retake", Short: "Take in again what this version of the hub can read", Args: cobra.NoArgs,
		Example: "  wardscope sensors quarantine retake --sensor north-1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Fleet.RetakeQuarantine(ctx, &hubv1.RetakeQuarantineRequest{Sensor: sensor})
				if err != nil {
					return err
				}
				v := quarantineView(answer.GetLeft())
				v.note("%s taken in again, %s left", batchCount(answer.GetTaken()), batchCount(uint64(len(answer.GetLeft()))))
				if answer.GetMore() {
					v.note("there are more: run it again in a minute")
				}
				return a.print(answer, v)
			})
		},
	}
	cmd.Flags().StringVar(&sensor, "sensor", "", "one sensor only")
	return cmd
}

func quarantineView(batches []*hubv1.QuarantinedBatch) *view {
	v := &view{columns: []string{"sensor", "boot", "number", "received", "size", "why"}, numbers: []string{"boot", "number", "size"}, wide: "why"}
	for _, b := range batches {
		number := strconv.FormatUint(b.GetSequence(), 10)
		if b.GetSequence() == 0 {
			number = "unknown"
		}
		v.add(b.GetSensor(), strconv.FormatUint(b.GetEpoch(), 10), number, when(b.GetReceived()), size(b.GetOctets()), b.GetReason())
	}
	return v
}

func batchCount(n uint64) string {
	if n == 1 {
		return "1 batch"
	}
	return fmt.Sprintf("%s batches", count(n))
}
