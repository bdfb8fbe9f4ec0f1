package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newDevicesLegacy(a *app) *cobra.Command {
	var filter, site string
	var noFix bool
	var limit int32
	cmd := &cobra.Command{
		Use:   "legacy",
		Short: "What is past support or has no fix, who could patch it, and what to do",
		Long: `List devices that run a release past support, or that an advisory concerns for which the maker has no fix: how sure that is,
who may patch them (owner; release: what the maker released; maker alone), and what to do: patch, replace, or segment and
leave alone.`,
		Example: `  wardscope devices legacy --site north
  wardscope devices legacy --no-fix
  wardscope devices legacy --filter 'advice="segment" AND certainty="confirmed"' -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ask := both(filter, "site", site)
			if noFix {
				ask = strings.TrimPrefix(ask+" AND unfixed:*", " AND ")
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Legacy.ListLegacy(ctx, &hubv1.ListLegacyRequest{Filter: ask, Limit: limit})
				if err != nil {
					return err
				}
				return a.print(answer, legacyView(answer))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&filter, "filter", "", "filter over devices, and certainty, patchable, advice, unfixed")
	f.StringVar(&site, "site", "", "only this site")
	f.BoolVar(&noFix, "no-fix", false, "only devices with an advisory for which the maker has no fix")
	f.Int32Var(&limit, "limit", 100, "most devices to show")
	return cmd
}

func legacyView(answer *hubv1.ListLegacyResponse) *view {
	v := &view{columns: []string{"advice", "device", "type", "site", "release", "until", "sure", "patched by", "no fix", "why"}, wide: "why"}
	for _, x := range answer.GetVerdicts() {
		var unfixed []string
		for _, u := range x.GetUnfixed() {
			unfixed = append(unfixed, u.GetAdvisory())
		}
		_, why, _ := strings.Cut(x.GetAdviceText(), ": ")
		v.add(x.GetAdvice(), name(x.GetDevice()), x.GetDevice().GetType(), x.GetDevice().GetSite(), x.GetRelease(), x.GetUntil(), x.GetCertainty(), x.GetPatchable(),
			few(unfixed), why)
	}
	var parts []string
	for _, n := range answer.GetCounts() {
		parts = append(parts, count(n.GetDevices())+" "+n.GetAdvice())
	}
	if len(parts) == 0 {
		parts = []string{"none is past its support and matches"}
	}
	v.note("%d of %s shown: %s", len(answer.GetVerdicts()), count(answer.GetTotalSize()), strings.Join(parts, ", "))
	v.note("segment: don't patch, fence it off; replace: upgrade or replace, fence it until then. Advisories as of %s, firmware dates as of %s.",
		answer.GetAdvisoriesAsOf(), answer.GetFirmwareAsOf())
	return v
}
