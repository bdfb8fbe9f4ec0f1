package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newDevicesMatch(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "match --file NOTICE.csv",
		Short: "Hold a recall or safety notice against the inventory",
		Long: `Read a notice as CSV with the columns maker, model, firmware and serial (the last two may be absent or
empty) and list devices that are affected, unsure and not affected. Firmware is a range such as
"< 15.10" or ">= 4.0 | <= 4.6"; serial is "from-to" or values, joined by ";". A device is affected only
if everything that the notice asks for is known of it.`,
		Example: `  wardscope devices match --file recall.csv
  wardscope devices match --file recall.csv -o csv > worklist.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, err := readNotice(file)
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				return matchDevices(ctx, a, c, lines)
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "CSV file of the notice")
	_ = cmd.MarkFlagRequired("file") // fails for an unknown flag only
	return cmd
}

func readNotice(file string) ([]*hubv1.RecallLine, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read notice: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	lines, err := parseNotice(f)
	if err != nil {
		return nil, fmt.Errorf("read notice %s: %w", file, err)
	}
	return lines, nil
}

// parseNotice reads a CSV file whose first line names the columns.
func parseNotice(r io.Reader) ([]*hubv1.RecallLine, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	rows.TrimLeadingSpace = true
	head, err := rows.Read()
	if err != nil {
		return nil, errors.Join(errors.New("the first line must name the columns maker, model, firmware, serial"), err)
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff")))
	}
	for _, name := range []string{"maker", "model"} {
		if !slices.Contains(head, name) {
			return nil, fmt.Errorf("there is no column %q; the first line names maker, model, firmware, serial", name)
		}
	}
	var out []*hubv1.RecallLine
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		cell := func(name string) string {
			if i := slices.Index(head, name); i >= 0 && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		out = append(out, &hubv1.RecallLine{Maker: cell("maker"), Model: cell("model"), Firmware: cell("firmware"), Serial: cell("serial")})
	}
}

func matchDevices(ctx context.Context, a *app, c *client.Client, lines []*hubv1.RecallLine) error {
	found, err := c.Devices.MatchDevices(ctx, &hubv1.MatchDevicesRequest{Lines: lines})
	if err != nil {
		return err
	}
	v := &view{columns: []string{"verdict", "notice", "device", "vendor", "model", "firmware", "serial", "site", "address", "why"}, wide: "why"}
	counts := map[hubv1.RecallVerdict]int64{}
	for _, m := range found.GetMatches() {
		counts[m.GetVerdict()]++
		line, d := lines[m.GetLine()], m.GetDevice()
		v.add(enum(m.GetVerdict(), "RECALL_VERDICT_"), line.GetMaker()+" "+line.GetModel(), d.GetName(), d.GetVendor(), d.GetModel(),
			m.GetFirmware(), m.GetSerial(), d.GetSite(), few(d.GetIps()), m.GetReason())
	}
	v.note("%s affected, %s unsure, %s not affected, of %s devices", count(counts[hubv1.RecallVerdict_RECALL_VERDICT_AFFECTED]),
		count(counts[hubv1.RecallVerdict_RECALL_VERDICT_UNSURE]), count(counts[hubv1.RecallVerdict_RECALL_VERDICT_NOT_AFFECTED]), count(found.GetDevices()))
	return a.print(found, v)
}
