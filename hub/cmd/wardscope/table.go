package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// view is an answer in the form that people read; json shows the message itself.
type view struct {
	columns []string
	rows    [][]string
	numbers []string // columns to align right
	wide    string   // the column that may be longest
	whole   bool     // show every cell whole: one thing's details
	notes   []string // lines below the table
}

func (v *view) add(cells ...string) { v.rows = append(v.rows, cells) }

func (v *view) note(format string, args ...any) {
	v.notes = append(v.notes, fmt.Sprintf(format, args...))
}

// print writes an answer in the form that was asked for.
func (a *app) print(message proto.Message, views ...*view) error {
	switch a.form {
	case "json":
		return printJSON(a.out, message)
	case "csv":
		return printCSV(a.out, views[0])
	case "table":
		for i, v := range views {
			if i > 0 {
				fmt.Fprintln(a.out)
			}
			printTable(a.out, v)
		}
		return nil
	}
	return fmt.Errorf("--output %q is not known: use table, json or csv", a.form)
}

func printJSON(out io.Writer, message proto.Message) error {
	raw, err := protojson.Marshal(message)
	if err != nil {
		return fmt.Errorf("render answer: %w", err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return fmt.Errorf("render answer: %w", err)
	}
	_, err = fmt.Fprintln(out, pretty.String())
	return err
}

func printCSV(out io.Writer, v *view) error {
	w := csv.NewWriter(out)
	if err := w.Write(v.columns); err != nil {
		return err
	}
	if err := w.WriteAll(v.rows); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

func printTable(out io.Writer, v *view) {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Box.MiddleHorizontal = "─"
	style.Format.Header = text.FormatUpper
	t.SetStyle(style)
	header := make(table.Row, len(v.columns))
	for i, c := range v.columns {
		header[i] = c
	}
	t.AppendHeader(header)
	for _, cells := range v.rows {
		row := make(table.Row, len(cells))
		for i, c := range cells {
			row[i] = c
		}
		t.AppendRow(row)
	}
	configs := make([]table.ColumnConfig, 0, len(v.columns))
	for _, c := range v.columns {
		config := table.ColumnConfig{Name: c, WidthMax: 44, WidthMaxEnforcer: func(s string, n int) string { return text.Snip(s, n, "…") }}
		switch {
		case v.whole:
			config.WidthMax = 0
		case c == v.wide:
			config.WidthMax = 84
		}
		for _, n := range v.numbers {
			if n == c {
				config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
			}
		}
		configs = append(configs, config)
	}
	t.SetColumnConfigs(configs)
	if len(v.rows) > 0 {
		for line := range strings.SplitSeq(t.Render(), "\n") {
			fmt.Fprintln(out, strings.TrimRight(line, " "))
		}
	}
	for _, n := range v.notes {
		fmt.Fprintln(out, n)
	}
}

func when(t *timestamppb.Timestamp) string {
	if t == nil || t.GetSeconds() == 0 && t.GetNanos() == 0 {
		return ""
	}
	return t.AsTime().UTC().Format("2006-01-02 15:04:05Z")
}

// size writes octets in binary units, three figures.
func size(n uint64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	f, i := float64(n), 0
	for f >= 999.5 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 {
		return strconv.FormatUint(n, 10) + " B"
	}
	return strconv.FormatFloat(f, 'f', max(0, 2-len(strconv.Itoa(int(f)))+1), 64) + " " + units[i]
}

func count[T ~int32 | ~int64 | ~uint32 | ~uint64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && c != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func port(protocol, port uint32) string {
	names := map[uint32]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp"}
	name, ok := names[protocol]
	if !ok {
		name = "ip" + strconv.Itoa(int(protocol))
	}
	if port == 0 {
		return name
	}
	return name + "/" + strconv.Itoa(int(port))
}

// enum writes FINDING_TYPE_DEFAULT_CREDENTIAL as "default credential".
func enum(value fmt.Stringer, prefix string) string {
	s := strings.TrimPrefix(value.String(), prefix)
	if s == "UNSPECIFIED" {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(s, "_", " "))
}

// moment reads a time as people write it: RFC 3339, a date, or "2h" ago.
func moment(s string, now time.Time) (*timestamppb.Timestamp, error) {
	if s == "" {
		return nil, nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		return timestamppb.New(now.Add(-d)), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return timestamppb.New(t), nil
		}
	}
	return nil, fmt.Errorf("time %q is not understood: use 2026-11-24T03:00:00Z, 2026-11-24, or 2h for two hours ago", s)
}
