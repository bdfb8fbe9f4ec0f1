package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newExposure(a *app) *cobra.Command {
	var s span
	var filter, site string
	var limit int
	cmd := &cobra.Command{
		Use:   "exposure",
		Short: "External peers, weak protocols and credentials, legacy systems, vulnerable parts",
		Example: `  wardscope exposure --site north
  wardscope exposure --filter 'country="RU"'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			period, err := s.period()
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Exposure.GetExposure(ctx, &hubv1.GetExposureRequest{Period: period, Filter: both(filter, "site", site), Limit: int32(limit)})
				if err != nil {
					return err
				}
				return a.print(answer, exposureViews(answer)...)
			})
		},
	}
	s.flags(cmd)
	cmd.Flags().StringVar(&filter, "filter", "", "filter over site, device, country, asn")
	cmd.Flags().StringVar(&site, "site", "", "only this site")
	cmd.Flags().IntVar(&limit, "limit", 40, "most external peers")
	return cmd
}

func exposureViews(answer *hubv1.GetExposureResponse) []*view {
	peers := &view{columns: []string{"device", "type", "way", "external peer", "country", "network", "service", "port", "out", "in", "encrypted", "last seen"}, numbers: []string{"out", "in"}}
	for _, p := range answer.GetExternalPeers() {
		way, encrypted, peer := "out", "no", p.GetIp()
		if p.GetInbound() {
			way = "IN"
		}
		if p.GetEncrypted() {
			encrypted = "yes"
		}
		if p.GetName() != "" {
			peer = p.GetName() + " (" + p.GetIp() + ")"
		}
		network := p.GetAsName()
		if p.GetAsn() != 0 {
			network = fmt.Sprintf("AS%d %s", p.GetAsn(), network)
		}
		peers.add(name(p.GetDevice()), p.GetDevice().GetType(), way, peer, p.GetCountry(), network, p.GetService(), port(p.GetIpProtocol(), p.GetPort()), size(p.GetOctetsOut()), size(p.GetOctetsIn()), encrypted, when(p.GetLastSeen()))
	}
	peers.note("%s external peers", count(int64(len(answer.GetExternalPeers()))))
	if d := answer.GetGeoDate(); d != "" {
		peers.note("countries and networks as of %s", d)
	} else {
		peers.note("countries and networks are unknown: `make deps` fetches the tables")
	}
	weak := findingsView(append(answer.GetVulnerableComponents(), answer.GetWeaknesses()...))
	legacy := &view{columns: []string{"legacy device", "site", "os", "support ended", "evidence"}}
	for _, l := range answer.GetLegacy() {
		var sources []string
		for _, e := range l.GetEvidence() {
			sources = append(sources, e.GetSource())
		}
		legacy.add(name(l.GetDevice()), l.GetDevice().GetSite(), l.GetOs(), l.GetSupportUntil(), strings.Join(sources, ", "))
	}
	legacy.note("%s devices past support", count(int64(len(answer.GetLegacy()))))
	coverage(legacy, answer.GetCoverage())
	return []*view{peers, weak, legacy}
}

func findingsView(findings []*hubv1.Finding) *view {
	v := &view{columns: []string{"severity", "finding", "address", "site", "port", "peers", "seen", "last seen", "id"}, numbers: []string{"peers", "seen"}, wide: "finding"}
	for _, f := range findings {
		at := ""
		if f.GetPort() != 0 {
			at = port(f.GetIpProtocol(), f.GetPort())
		}
		v.add(enum(f.GetSeverity(), "SEVERITY_"), f.GetTitle(), f.GetSubject().GetIp(), f.GetSubject().GetSite(), at, count(f.GetPeerCount()),
			count(f.GetCount()), when(f.GetLastSeen()), f.GetId())
	}
	return v
}

func newFindings(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "findings", Short: "Weaknesses and exposures: list them, show one with its evidence"}
	cmd.AddCommand(newFindingsList(a), newFindingsShow(a))
	return cmd
}

func newFindingsList(a *app) *cobra.Command {
	request := &hubv1.ListFindingsRequest{}
	var filter, site string
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List findings, worst first",
		Example: `  wardscope findings list --filter 'severity>=HIGH'`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request.Filter, request.PageSize = both(filter, "site", site), int32(limit)
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Exposure.ListFindings(ctx, request)
				if err != nil {
					return err
				}
				v := findingsView(answer.GetFindings())
				v.note("%s of %s findings", count(int64(len(answer.GetFindings()))), count(answer.GetTotalSize()))
				if n := answer.GetHiddenInformational(); n > 0 {
					v.note("%s informational ones are hidden: --all shows them", count(n))
				}
				coverage(v, answer.GetCoverage())
				return a.print(answer, v)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&filter, "filter", "", "filter over site, type, severity, service, device, ip, rule, state")
	f.StringVar(&site, "site", "", "only this site")
	f.BoolVar(&request.IncludeInformational, "all", false, "informational findings too")
	f.IntVar(&limit, "limit", 100, "most findings")
	return cmd
}

func newFindingsShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show one finding: what it means, what it rests on, what to do",
		Example: "  wardscope findings show f-3fa91c07d2",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Exposure.GetFinding(ctx, &hubv1.GetFindingRequest{Id: args[0]})
				if err != nil {
					return err
				}
				f := answer.GetFinding()
				head := &view{columns: []string{"finding", f.GetTitle()}, whole: true}
				head.add("severity", enum(f.GetSeverity(), "SEVERITY_")+": "+f.GetSeverityReason())
				head.add("device", name(f.GetSubject())+" at "+f.GetSubject().GetSite())
				head.add("service", f.GetService()+" "+port(f.GetIpProtocol(), f.GetPort()))
				head.add("seen", fmt.Sprintf("%s times, %s to %s", count(f.GetCount()), when(f.GetFirstSeen()), when(f.GetLastSeen())))
				head.add("rule", fmt.Sprintf("%s version %d", f.GetRule(), f.GetRuleVersion()))
				head.add("detail", f.GetDetail())
				head.add("one flow", f.GetCommunityId())
				head.note("")
				head.note("%s", answer.GetExplanation())
				head.note("%s", answer.GetRemedy())
				evidence := &view{columns: []string{"evidence", "value", "address", "mac", "site", "seen by", "times", "last seen"}, numbers: []string{"times"}}
				for _, e := range answer.GetEvidence() {
					evidence.add(e.GetSource(), e.GetValue(), e.GetIp(), e.GetMac(), e.GetSite(), strings.Join(e.GetSensors(), " "), count(e.GetCount()), when(e.GetLastSeen()))
				}
				peers := &view{columns: []string{"peer", "type", "site"}}
				for _, p := range answer.GetPeers() {
					peers.add(name(p), p.GetType(), p.GetSite())
				}
				return a.print(answer, head, evidence, peers)
			})
		},
	}
}
