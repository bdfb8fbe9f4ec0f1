package pipeline_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// Linux clients whose connections carry data show their signature once each.
func TestSYNSignature(t *testing.T) {
	for capture, want := range map[string][]string{
		"s7":     {"10.66.0.10 4:64:0:1460:64240,10:mss,sok,ts,nop,ws:df,id+:0"},
		"iec104": {"10.66.0.10 4:64:0:1460:64240,10:mss,sok,ts,nop,ws:df,id+:0", "fd66::10 6:64:0:1440:64800,10:mss,sok,ts,nop,ws::0"},
		"snmp":   nil,
	} {
		src := pcapfile.New(1, "../dissect/dissecttest/real/testdata/"+capture+".pcap")
		var out bytes.Buffer
		if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), src, &out); err != nil {
			t.Fatal(err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		line := regexp.MustCompile(`"ip":"([^"]*)".*"value":"([^"]*)","source":"tcp\.syn"`)
		var got []string
		for l := range strings.Lines(out.String()) {
			if m := line.FindStringSubmatch(l); m != nil {
				got = append(got, m[1]+" "+m[2])
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", capture, got, want)
		}
	}
}
