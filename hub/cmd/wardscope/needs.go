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

func newDevicesNeeds(a *app) *cobra.Command {
	var s span
	var filter string
	var steps, peers, limit int32
	cmd := &cobra.Command{
		Use:   "needs [ID|ADDRESS]",
		Short: "By whom a device is needed and what it needs; without a device, those that care leans on most",
		Long: `Tell by whom a device is needed, and what it needs itself, weighed by what each is to care: a pump server counts for its
pumps, a domain controller for everybody who logs in. Needs are followed over --steps: who needs it, who needs these.
With -o dot the same for Graphviz.`,
		Example: `  wardscope devices needs
  wardscope devices needs 10.10.4.17
  wardscope devices needs d-k86cs2uddq7hw --steps 3 -o dot | dot -Tsvg > needs.svg`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			period, err := s.period()
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if len(args) == 0 {
					answer, err := c.Needs.ListNeeded(ctx, &hubv1.ListNeededRequest{Filter: filter, Period: period, Limit: limit})
					if err != nil {
						return err
					}
					return a.print(answer, neededView(answer))
				}
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				answer, err := c.Needs.GetDeviceNeeds(ctx, &hubv1.GetDeviceNeedsRequest{Id: id, Period: period, Steps: steps, Peers: peers})
				if err != nil {
					return err
				}
				if a.form == "dot" {
					return printNeedsDOT(a.out, answer)
				}
				return a.print(answer, needsView(answer))
			})
		},
	}
	s.flags(cmd)
	f := cmd.Flags()
	f.Int32Var(&steps, "steps", 2, "how far needs are followed, 1 to 3")
	f.Int32Var(&peers, "peers", 3, "most peers named a service")
	f.StringVar(&filter, "filter", "", "without a device: filter over devices, as in `wardscope devices list`")
	f.Int32Var(&limit, "limit", 20, "without a device: most devices to show")
	return cmd
}

func neededView(answer *hubv1.ListNeededResponse) *view {
	v := &view{columns: []string{"device", "type", "id", "site", "weight", "services", "needed by"}, numbers: []string{"weight"}, wide: "needed by"}
	for _, d := range answer.GetDevices() {
		r := d.GetDevice()
		v.add(name(r), r.GetType(), r.GetId(), r.GetSite(), weight(d.GetWeight()), few(d.GetServices()), strings.TrimPrefix(d.GetSummary(), "needed by "))
	}
	v.note("%d of %s devices that others need", len(answer.GetDevices()), count(answer.GetTotalSize()))
	coverage(v, answer.GetCoverage())
	return v
}

func weight(w float64) string { return fmt.Sprintf("%.1f", w) }

func needsView(answer *hubv1.GetDeviceNeedsResponse) *view {
	v := &view{columns: []string{"", "service", "port", "weight", "with", "such as", "octets", "last seen"}, numbers: []string{"weight", "octets"}, wide: "such as"}
	for _, side := range []struct {
		word string
		list []*hubv1.Need
	}{{"offers", answer.GetNeededBy()}, {"uses", answer.GetNeeds()}} {
		for _, n := range side.list {
			v.add(side.word, n.GetService(), port(n.GetIpProtocol(), n.GetPort()), weight(n.GetWeight()), kindsText(n), peersText(n), size(n.GetOctets()), when(n.GetLastSeen()))
		}
	}
	v.note("%s (weight %s): %s", name(answer.GetDevice()), weight(answer.GetWeight()), answer.GetSummary())
	coverage(v, answer.GetCoverage())
	return v
}

func kindsText(n *hubv1.Need) string {
	var texts []string
	for _, k := range n.GetKinds() {
		texts = append(texts, k.GetText())
	}
	if len(n.GetOutside()) > 0 {
		texts = append(texts, "outside")
	}
	return strings.Join(texts, ", ")
}

func peersText(n *hubv1.Need) string {
	var texts []string
	for _, p := range n.GetPeers() {
		texts = append(texts, name(p))
	}
	texts = append(texts, n.GetOutside()...)
	if more := n.GetTotalPeers() - int64(len(texts)); more > 0 {
		texts = append(texts, fmt.Sprintf("%s more", count(more)))
	}
	return strings.Join(texts, ", ")
}

// printNeedsDOT writes needs for Graphviz: arrows go from who needs to what is needed.
func printNeedsDOT(out io.Writer, answer *hubv1.GetDeviceNeedsResponse) error {
	var b strings.Builder
	b.WriteString("digraph needs {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=9];\n")
	d := answer.GetDevice()
	fmt.Fprintf(&b, "  %q [label=%q, style=bold];\n", d.GetId(), name(d))
	told := map[string]bool{d.GetId(): true}
	node := func(r *hubv1.DeviceRef) string {
		if !told[r.GetId()] {
			told[r.GetId()] = true
			fmt.Fprintf(&b, "  %q [label=%q];\n", r.GetId(), name(r))
		}
		return r.GetId()
	}
	for _, w := range answer.GetArrows() {
		server := node(w.GetServer())
		var user string
		if k := w.GetUsers(); k != nil {
			user = k.GetKind() + " of " + server
			fmt.Fprintf(&b, "  %q [label=%q, shape=folder];\n", user, k.GetText())
		} else {
			user = node(w.GetUser())
		}
		width := 1
		for x := w.GetWeight(); x >= 8; x /= 8 {
			width++
		}
		fmt.Fprintf(&b, "  %q -> %q [label=%q, penwidth=%d];\n", user, server, w.GetService(), width)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(out, b.String())
	return err
}
