package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newSensorsLedger(a *app) *cobra.Command {
	var sensor, day string
	cmd := &cobra.Command{
		Use:   "ledger [SENSOR]",
		Short: "Proof for each sensor and day: sealed = stored + quarantined + dropped + missing",
		Long: `For each sensor, boot and day of receipt: how many batches were sealed, sent, stored, kept in quarantine,
dropped by the sensor (with reasons), and missing without a reason. Missing must be 0.`,
		Example: "  wardscope sensors ledger\n  wardscope sensors ledger --sensor north-1 --day 2026-11-24",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				sensor = args[0]
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Fleet.ListLedger(ctx, &hubv1.ListLedgerRequest{Sensor: sensor, Day: day})
				if err != nil {
					return err
				}
				return a.print(answer, ledgerView(answer))
			})
		},
	}
	cmd.Flags().StringVar(&sensor, "sensor", "", "one sensor (default all)")
	cmd.Flags().StringVar(&day, "day", "", "one day of receipt in UTC, as 2026-11-24 (default all)")
	return cmd
}

func ledgerView(answer *hubv1.ListLedgerResponse) *view {
	v := &view{columns: []string{"sensor", "day", "epoch", "sealed", "sent", "stored", "quarantined", "dropped", "missing", "events", "dropped because"},
		numbers: []string{"sealed", "sent", "stored", "quarantined", "dropped", "missing", "events"}, wide: "dropped because"}
	for _, d := range answer.GetDays() {
		var why []string
		dropped := uint64(0)
		for _, l := range d.GetDropped() {
			dropped += l.GetBatches()
			switch {
			case l.GetBatches() > 0:
				why = append(why, fmt.Sprintf("%s: %s batches, %s events", l.GetReason(), count(l.GetBatches()), count(l.GetEvents())))
			default:
				why = append(why, fmt.Sprintf("%s: %s packets", l.GetPlace(), count(l.GetPackets())))
			}
		}
		v.add(d.GetSensor(), d.GetDay(), fmt.Sprint(d.GetEpoch()), count(d.GetSealed()), count(d.GetSent()), count(d.GetStored()), count(d.GetQuarantined()),
			count(dropped), count(d.GetMissing()), count(d.GetEvents()), strings.Join(why, "; "))
		for _, r := range d.GetMissingRanges() {
			v.note("missing of %s, boot %d: batches %d to %d", d.GetSensor(), d.GetEpoch(), r.GetFirst(), r.GetLast())
		}
	}
	return v
}
