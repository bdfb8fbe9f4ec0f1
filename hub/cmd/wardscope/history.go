package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newDevicesHistory(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "history ID|ADDRESS",
		Short:   "What happened to a device: first seen, came back, changed name, firmware, VLAN, address, and what people decided",
		Example: "  wardscope devices history 10.10.4.17",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				answer, err := c.History.GetDeviceHistory(ctx, &hubv1.GetDeviceHistoryRequest{Id: id})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"time", "what", "before", "after", "known by"}, wide: "known by"}
				for _, e := range answer.GetEvents() {
					v.add(when(e.GetTime()), e.GetWhat(), e.GetFrom(), e.GetTo(), e.GetSource())
				}
				l := answer.GetLife()
				text := name(answer.GetDevice()) + ": " + enum(l.GetState(), "LIFE_STATE_")
				if l.GetReason() != "" {
					text += ", " + l.GetReason()
				}
				v.note("%s", text)
				return a.print(answer, v)
			})
		},
	}
}

func newDevicesLives(a *app) *cobra.Command {
	var state, filter string
	var limit int32
	cmd := &cobra.Command{
		Use:   "lives",
		Short: "Which devices are new, returned, stale or retired",
		Long: `List devices that are new (first seen after their site was watched for a week), returned, stale or retired. How long a
device may be silent depends on its type: a stored pump is not gone. Time is held against the last moment at which the
device's site was seen, so a silent sensor makes nothing stale.`,
		Example: "  wardscope devices lives --state new\n  wardscope devices lives --state stale --filter 'category=\"medical\"'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			want := hubv1.LifeState_LIFE_STATE_UNSPECIFIED
			if state != "" {
				n, ok := hubv1.LifeState_value["LIFE_STATE_"+strings.ToUpper(state)]
				if !ok || n == 0 {
					return fmt.Errorf("--state %q is not known: use new, returned, stale, retired or active", state)
				}
				want = hubv1.LifeState(n)
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.History.ListLives(ctx, &hubv1.ListLivesRequest{State: want, Filter: filter, Limit: limit})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"state", "device", "type", "id", "site", "since", "silent", "why"}, numbers: []string{"silent"}, wide: "why"}
				for _, l := range answer.GetLives() {
					d, silent := l.GetDevice(), ""
					if l.GetSilentDays() > 0 {
						silent = fmt.Sprintf("%d d", l.GetSilentDays())
					}
					v.add(enum(l.GetState(), "LIFE_STATE_"), name(d), d.GetType(), d.GetId(), d.GetSite(), when(l.GetSince()), silent, l.GetReason())
				}
				var parts []string
				for _, x := range answer.GetCounts() {
					parts = append(parts, count(x.GetCount())+" "+enum(x.GetState(), "LIFE_STATE_"))
				}
				v.note("%d of %s shown; in all %s", len(v.rows), count(answer.GetTotalSize()), strings.Join(parts, ", "))
				return a.print(answer, v)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only new, returned, stale, retired or active (default: all but active)")
	cmd.Flags().StringVar(&filter, "filter", "", "filter over devices, as in `wardscope devices list`")
	cmd.Flags().Int32Var(&limit, "limit", 50, "most devices to show")
	return cmd
}
