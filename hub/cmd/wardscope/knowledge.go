package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newKnowledge(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "knowledge",
		Short: "What answers rest on besides observations: tables with their dates, signed packs",
		Long: `List the tables that answers rest on, each with its source, date and age; verify, compare and import signed packs.
Nothing is ever fetched: packs come by file. ` + "`wardscope-hub knowledge`" + ` makes keys and packs.`,
	}
	verify := packCommand(a, "verify PACK", "Check signature and tables of a pack, and take nothing", "  wardscope knowledge verify advisories.wspack", true, verified)
	compare := packCommand(a, "diff PACK", "Show what a pack would change, and take nothing", "  wardscope knowledge diff advisories.wspack", true, compared)
	take := packCommand(a, "import PACK", "Take a pack: it replaces the one of its name, in all answers at once", "  wardscope knowledge import advisories.wspack", false, compared)
	cmd.AddCommand(newKnowledgeList(a), verify, compare, take, newKnowledgeRemove(a), newKnowledgeRules(a))
	return cmd
}

func newKnowledgeList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Every table with its source, date and age", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Knowledge.ListKnowledge(ctx, &hubv1.ListKnowledgeRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"kind", "from", "version", "as of", "age", "records", "signed by", "source"}, numbers: []string{"age", "records"}, wide: "source"}
				stale := 0
				for _, t := range answer.GetTables() {
					from, records, age := t.GetPack(), "", fmt.Sprintf("%d d", t.GetAgeDays())
					if from == "" {
						from = "the program"
					}
					if t.GetOverlaid() {
						from += ", under a pack"
					}
					if t.GetRecords() > 0 {
						records = count(t.GetRecords())
					}
					if t.GetStale() {
						stale++
						age += " OLD"
					}
					v.add(t.GetKind(), from, t.GetVersion(), t.GetDate(), age, records, t.GetKey(), t.GetSource())
				}
				if stale > 0 {
					v.note("%d tables are over 90 days old: what was published since is not in any answer. Import a newer pack: wardscope knowledge import PACK", stale)
				}
				if len(answer.GetTrustedKeys()) == 0 {
					v.note("No key is trusted, so no pack can be taken: put a publisher's public key into knowledge.trust of the hub's configuration.")
				}
				return a.print(answer, v)
			})
		},
	}
}

func packCommand(a *app, use, short, example string, dry bool, show func(*hubv1.ImportPackResponse, bool) *view) *cobra.Command {
	var older bool
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("read pack: %w", err)
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Knowledge.ImportPack(ctx, &hubv1.ImportPackRequest{Content: raw, DryRun: dry, Older: older})
				if err != nil {
					return err
				}
				return a.print(answer, show(answer, dry))
			})
		},
	}
	if !dry {
		cmd.Flags().BoolVar(&older, "older", false, "take it although the pack in use is newer")
	}
	return cmd
}

func verified(p *hubv1.ImportPackResponse, _ bool) *view {
	v := &view{columns: []string{"table", "as of", "records", "licence", "source"}, numbers: []string{"records"}, wide: "source"}
	for _, t := range p.GetTables() {
		v.add(t.GetTable().GetKind(), t.GetTable().GetDate(), count(t.GetTable().GetRecords()), t.GetTable().GetLicence(), t.GetTable().GetSource())
	}
	v.note("%s %s of %s by %s: the signature of key %s holds, and every table is what was signed.", p.GetName(), p.GetVersion(), p.GetDate(), p.GetPublisher(), p.GetKey())
	return v
}

func compared(p *hubv1.ImportPackResponse, dry bool) *view {
	const most = 20 // a kind of change, on a screen; json has up to 1,000
	v := &view{columns: []string{"table", "change", "record"}}
	for _, t := range p.GetTables() {
		kind := t.GetTable().GetKind()
		for _, c := range []struct {
			name  string
			named []string
			all   int64
		}{{"added", t.GetAdded(), t.GetAddedCount()}, {"removed", t.GetRemoved(), t.GetRemovedCount()}, {"changed", t.GetChanged(), t.GetChangedCount()}} {
			for _, record := range c.named[:min(len(c.named), most)] {
				v.add(kind, c.name, record)
			}
			if more := c.all - int64(min(len(c.named), most)); more > 0 {
				v.add(kind, c.name, "and "+count(more)+" more")
			}
		}
		v.note("%s as of %s: %s added, %s removed, %s changed, %s the same", kind, t.GetTable().GetDate(), count(t.GetAddedCount()), count(t.GetRemovedCount()), count(t.GetChangedCount()), count(t.GetSameCount()))
	}
	if dry {
		v.note("Nothing was taken.")
	} else {
		v.note("%s %s is in use.", p.GetName(), p.GetVersion())
	}
	return v
}

func newKnowledgeRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Take a pack out of use: what the program carries counts again", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if _, err := c.Knowledge.RemovePack(ctx, &hubv1.RemovePackRequest{Name: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "pack %s is out of use\n", args[0])
				return err
			})
		},
	}
}

func newDevicesAdvisories(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "advisories ID|ADDRESS",
		Short:   "Published advisories that concern a device, and as of when that was looked up",
		Example: "  wardscope devices advisories 10.10.4.17",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				answer, err := c.Knowledge.GetDeviceAdvisories(ctx, &hubv1.GetDeviceAdvisoriesRequest{Id: id})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"certainty", "advisory", "cvss", "cves", "exploited", "fix", "why"}, numbers: []string{"cvss"}, wide: "why"}
				for _, x := range answer.GetAdvisories() {
					v.add(x.GetCertainty(), x.GetAdvisory(), fmt.Sprintf("%.1f", x.GetCvss()), few(x.GetCves()), yes(x.GetExploited(), "known", ""), yes(x.GetFixed(), "maker's", "none"), x.GetReason())
				}
				v.note("%s: %s.", name(answer.GetDevice()), strings.TrimSuffix(answer.GetSummary(), "."))
				if answer.GetStale() {
					v.note("That is over 90 days ago: what was published since is not in this answer. Import a newer pack: wardscope knowledge import PACK")
				}
				return a.print(answer, v)
			})
		},
	}
}

func yes(v bool, then, otherwise string) string {
	if v {
		return then
	}
	return otherwise
}
