package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newFlows(a *app) *cobra.Command {
	var s span
	var filter, site, device, ip, service, community, token string
	var limit int
	cmd := &cobra.Command{
		Use:   "flows",
		Short: "List flow records, newest first",
		Example: `  wardscope flows --ip 10.10.4.17 --from 2h
  wardscope flows --community-id 1:LQU9qZlK+B5F3KDmev6m5PMibrg=
  wardscope flows --service dicom --site south`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			period, err := s.period()
			if err != nil {
				return err
			}
			request := &hubv1.ListFlowsRequest{Period: period, PageSize: int32(limit), PageToken: token,
				Filter: both(filter, "site", site, "device", device, "ip", ip, "service", service, "community_id", community)}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Flows.ListFlows(ctx, request)
				if err != nil {
					return err
				}
				return a.print(answer, flowsView(answer))
			})
		},
	}
	s.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&filter, "filter", "", "filter over site, realm, sensor, device, ip, port, service, protocol, community_id, vlan")
	f.StringVar(&site, "site", "", "only this site")
	f.StringVar(&device, "device", "", "only this device id")
	f.StringVar(&ip, "ip", "", "either end has this address")
	f.StringVar(&service, "service", "", "only this service")
	f.StringVar(&community, "community-id", "", "only this Community ID")
	f.IntVar(&limit, "limit", 50, "flows a page")
	f.StringVar(&token, "page-token", "", "page to go on with, from the page before")
	return cmd
}

func flowsView(answer *hubv1.ListFlowsResponse) *view {
	v := &view{columns: []string{"start", "site", "initiator", "responder", "service", "port", "sent", "received", "encrypted", "seen by"}, numbers: []string{"sent", "received"}}
	for _, r := range answer.GetFlows() {
		f := r.GetFlow()
		encrypted := "no"
		if f.GetEncrypted() {
			encrypted = "yes"
		}
		v.add(when(f.GetStart()), r.GetSite(), name(r.GetInitiator()), name(r.GetResponder()), f.GetService(), port(f.GetIpProtocol(), f.GetResponder().GetPort()),
			size(f.GetInitiatorOctets()), size(f.GetResponderOctets()), encrypted, r.GetSensor())
	}
	v.note("%s flows", count(int64(len(answer.GetFlows()))))
	if next := answer.GetNextPageToken(); next != "" {
		v.note("more with --page-token %s", next)
	}
	coverage(v, answer.GetCoverage())
	return v
}

var levels = map[string]hubv1.Level{"site": hubv1.Level_LEVEL_SITE, "group": hubv1.Level_LEVEL_GROUP, "device": hubv1.Level_LEVEL_DEVICE}

func newMap(a *app) *cobra.Command {
	var s span
	var by, filter, site, service string
	var limit int
	cmd := &cobra.Command{
		Use:   "map",
		Short: "Who talks to whom: edges between sites, groups or devices",
		Example: `  wardscope map
  wardscope map --by group --service dicom
  wardscope map --by device --site north -o dot | dot -Tsvg > north.svg`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level, ok := levels[by]
			if !ok {
				return fmt.Errorf("--by %q is not known: use site, group or device", by)
			}
			period, err := s.period()
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Flows.GetMap(ctx, &hubv1.GetMapRequest{Period: period, Level: level, Limit: int32(limit), Filter: both(filter, "site", site, "service", service)})
				if err != nil {
					return err
				}
				if a.form == "dot" {
					return printDOT(a.out, answer)
				}
				return a.print(answer, mapView(answer))
			})
		},
	}
	s.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&by, "by", "site", "what the nodes are: site, group or device")
	f.StringVar(&filter, "filter", "", "filter over site, service, port, device, group")
	f.StringVar(&site, "site", "", "only this site")
	f.StringVar(&service, "service", "", "only this service")
	f.IntVar(&limit, "limit", 50, "most edges, largest first")
	return cmd
}

func mapView(answer *hubv1.GetMapResponse) *view {
	v := &view{columns: []string{"initiator", "responder", "service", "port", "flows", "sent", "received", "encrypted", "last seen", "seen by"}, numbers: []string{"flows", "sent", "received", "encrypted"}}
	for _, e := range answer.GetEdges() {
		v.add(e.GetInitiator(), e.GetResponder(), e.GetService(), port(e.GetIpProtocol(), e.GetPort()), count(e.GetFlows()), size(e.GetInitiatorOctets()),
			size(e.GetResponderOctets()), fmt.Sprintf("%.0f %%", 100*e.GetEncryptedShare()), when(e.GetLastSeen()), strings.Join(e.GetVantages(), " "))
	}
	v.note("%s edges", count(int64(len(answer.GetEdges()))))
	if n := answer.GetOmitted(); n > 0 {
		v.note("%s more with a higher --limit", count(n))
	}
	coverage(v, answer.GetCoverage())
	return v
}

// printDOT writes the map for Graphviz: one arrow from initiator to responder, as wide as it is busy.
func printDOT(out io.Writer, answer *hubv1.GetMapResponse) error {
	var b strings.Builder
	b.WriteString("digraph flows {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=9];\n")
	for _, e := range answer.GetEdges() {
		octets := e.GetInitiatorOctets() + e.GetResponderOctets()
		width := 1
		for n := octets; n >= 1<<16; n >>= 4 {
			width++
		}
		fmt.Fprintf(&b, "  %q -> %q [label=%q, penwidth=%d];\n", e.GetInitiator(), e.GetResponder(), e.GetService()+" "+size(octets), width)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(out, b.String())
	return err
}
