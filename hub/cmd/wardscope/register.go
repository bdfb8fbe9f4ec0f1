package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newRegister(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "register",
		Short: "Asset registers: import, hold against the wire, write back",
		Long: `Hold the asset register (CSV with a mapping, NetBox's JSON) and makers' disclosures (MDS2 as CSV) against what is on
the wire. Import from cron as often as the register changes: the same file again changes nothing.`,
	}
	cmd.AddCommand(newRegisterImport(a), newRegisterList(a), newRegisterMatch(a), newRegisterWrite(a), newRegisterDelete(a))
	return cmd
}

func newRegisterImport(a *app) *cobra.Command {
	var file, mapping string
	var dry bool
	cmd := &cobra.Command{
		Use:   "import --file FILE --mapping MAPPING.yaml",
		Short: "Replace a register by a file, and show what changed since the last import",
		Example: `  wardscope register import --file assets.csv --mapping biomed.yaml --dry-run
  wardscope register import --file assets.csv --mapping biomed.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := os.ReadFile(mapping)
			if err != nil {
				return fmt.Errorf("read mapping: %w", err)
			}
			packed, err := packFile(file)
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Registers.ImportRegister(ctx, &hubv1.ImportRegisterRequest{Mapping: string(text), Content: packed, DryRun: dry})
				if err != nil {
					return err
				}
				return a.print(answer, imported(answer, dry))
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the register's file")
	cmd.Flags().StringVar(&mapping, "mapping", "", "YAML file that says what the columns mean")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "show the difference only, keep nothing")
	_ = errors.Join(cmd.MarkFlagRequired("file"), cmd.MarkFlagRequired("mapping")) // fail for unknown flags only
	return cmd
}

func packFile(name string) ([]byte, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read register: %w", err)
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(raw); err != nil {
		return nil, fmt.Errorf("pack register: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack register: %w", err)
	}
	return out.Bytes(), nil
}

func imported(x *hubv1.ImportRegisterResponse, dry bool) *view {
	v := &view{columns: []string{"change", "entry", "line", "what"}, numbers: []string{"line"}, wide: "what"}
	const most = 40 // on a screen; json has them all
	for _, c := range x.GetChanges() {
		if len(v.rows) == most {
			break
		}
		var what []string
		for _, f := range c.GetFields() {
			what = append(what, fmt.Sprintf("%s: %s → %s", f.GetName(), orNothing(f.GetOld()), orNothing(f.GetNew())))
		}
		v.add(c.GetKind(), c.GetKey(), count(c.GetLine()), strings.Join(what, "; "))
	}
	r := x.GetRegister()
	if more := x.GetAdded() + x.GetRemoved() + x.GetChanged() - int64(len(v.rows)); more > 0 {
		v.note("and %s more; -o json lists up to 1,000", count(more))
	}
	v.note("%s: %s entries; %s added, %s removed, %s changed since the last import", r.GetName(), count(r.GetEntries()), count(x.GetAdded()), count(x.GetRemoved()), count(x.GetChanged()))
	if x.GetEmpty() > 0 {
		v.note("%s lines have neither asset tag, serial number, MAC, host name nor address and were left out", count(x.GetEmpty()))
	}
	for _, remark := range x.GetRemarks() {
		v.note("Beware: %s", remark)
	}
	switch {
	case dry:
		v.note("Nothing was kept (--dry-run).")
	case r.GetFormat() == "mds2":
		v.note("The form's answers are evidence for every device of its model.")
	default:
		v.note("%s agree with the wire, %s contradict it, %s are only in the register, %s cannot be observed. Next: wardscope register match --register %s",
			count(r.GetBoth()), count(r.GetContradictory()), count(r.GetOnlyRegister()), count(r.GetNotObservable()), r.GetName())
	}
	return v
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func newRegisterList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "What was imported, and how it agrees with the wire", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Registers.ListRegisters(ctx, &hubv1.ListRegistersRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"register", "format", "imported", "by", "entries", "both", "contradictory", "only in register", "not observable"},
					numbers: []string{"entries", "both", "contradictory", "only in register", "not observable"}}
				for _, r := range answer.GetRegisters() {
					v.add(r.GetName(), r.GetFormat(), when(r.GetImported()), r.GetWho(), count(r.GetEntries()), count(r.GetBoth()), count(r.GetContradictory()),
						count(r.GetOnlyRegister()), count(r.GetNotObservable()))
				}
				if len(v.rows) == 0 {
					v.note("No register was imported yet: wardscope register import --help")
				}
				return a.print(answer, v)
			})
		},
	}
}

// statusNames are the states as people write them.
var statusNames = map[string]hubv1.RegisterStatus{
	"both": hubv1.RegisterStatus_REGISTER_STATUS_BOTH, "contradictory": hubv1.RegisterStatus_REGISTER_STATUS_CONTRADICTORY,
	"only-register": hubv1.RegisterStatus_REGISTER_STATUS_ONLY_REGISTER, "only-wire": hubv1.RegisterStatus_REGISTER_STATUS_ONLY_WIRE,
	"not-observable": hubv1.RegisterStatus_REGISTER_STATUS_NOT_OBSERVABLE,
}

func newRegisterMatch(a *app) *cobra.Command {
	var register, site, status string
	var limit int32
	cmd := &cobra.Command{
		Use:   "match",
		Short: "How registers and wire agree: contradictory, only in register, only on the wire, not observable, both",
		Example: `  wardscope register match --register biomed --status contradictory
  wardscope register match --status only-wire --site north -o csv > review.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			want, ok := statusNames[status]
			if status != "" && !ok {
				return fmt.Errorf("--status %q is not known: use both, contradictory, only-register, only-wire or not-observable", status)
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Registers.MatchRegisters(ctx, &hubv1.MatchRegistersRequest{Name: register, Site: site, Status: want, Limit: limit})
				if err != nil {
					return err
				}
				return a.print(answer, matched(answer))
			})
		},
	}
	cmd.Flags().StringVar(&register, "register", "", "only this register")
	cmd.Flags().StringVar(&site, "site", "", "only this site")
	cmd.Flags().StringVar(&status, "status", "", "only both, contradictory, only-register, only-wire or not-observable")
	cmd.Flags().Int32Var(&limit, "limit", 50, "most rows to show")
	return cmd
}

func matched(answer *hubv1.MatchRegistersResponse) *view {
	v := &view{columns: []string{"status", "register", "line", "asset", "device", "type", "id", "by", "quality", "last seen", "why"}, numbers: []string{"line", "quality"}, wide: "why"}
	for _, m := range answer.GetMatches() {
		var reasons []string
		reasons = append(reasons, m.GetAgainst()...)
		for _, u := range m.GetUpdates() {
			reasons = append(reasons, fmt.Sprintf("%s: %s → %s", u.GetName(), orNothing(u.GetOld()), u.GetNew()))
		}
		line, quality := "", ""
		if m.GetLine() > 0 {
			line = count(m.GetLine())
		}
		if m.GetQuality() > 0 {
			quality = fmt.Sprintf("%.2f", m.GetQuality())
		}
		v.add(enum(m.GetStatus(), "REGISTER_STATUS_"), m.GetRegister(), line, asset(m.GetEntry()), name(m.GetDevice()), m.GetDevice().GetType(), m.GetDevice().GetId(), m.GetBy(), quality,
			when(m.GetLastSeen()), strings.Join(reasons, "; "))
	}
	var parts []string
	for _, c := range answer.GetCounts() {
		parts = append(parts, count(c.GetCount())+" "+enum(c.GetStatus(), "REGISTER_STATUS_"))
	}
	v.note("%d of %s rows shown; in all %s", len(v.rows), count(answer.GetTotalSize()), strings.Join(parts, ", "))
	return v
}

// asset names an entry by what people call it.
func asset(entry map[string]string) string {
	product := strings.TrimSpace(entry["vendor"] + " " + entry["model"])
	for _, field := range []string{"asset_tag", "serial", "mac", "hostname", "ip"} {
		if v := entry[field]; v != "" {
			return strings.TrimSpace(v + " " + product)
		}
	}
	return product
}

func newRegisterWrite(a *app) *cobra.Command {
	var out string
	var fresh bool
	cmd := &cobra.Command{
		Use:   "write REGISTER",
		Short: "Write what the wire knows as CSV in the register's own columns",
		Long: `Write asset tag, serial number, MAC, host name, maker, model, firmware, when and where a device was last seen, in the
columns that the mapping names. Firmware, last seen and where are the wire's; of the others only empty cells are filled.`,
		Example: "  wardscope register write biomed --out update.csv\n  wardscope register write biomed --new > review.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Registers.WriteRegister(ctx, &hubv1.WriteRegisterRequest{Name: args[0], Fresh: fresh})
				if err != nil {
					return err
				}
				if out == "" {
					_, err = fmt.Fprint(a.out, answer.GetCsv())
					return err
				}
				if err := os.WriteFile(out, []byte(answer.GetCsv()), 0o600); err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				_, err = fmt.Fprintf(a.out, "%d lines written to %s\n", strings.Count(answer.GetCsv(), "\n")-1, out)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write (default: the screen)")
	cmd.Flags().BoolVar(&fresh, "new", false, "add a line for each device that no register knows")
	return cmd
}

func newRegisterDelete(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "delete REGISTER", Short: "Forget a register", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if _, err := c.Registers.DeleteRegister(ctx, &hubv1.DeleteRegisterRequest{Name: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "register %s is forgotten\n", args[0])
				return err
			})
		},
	}
}
