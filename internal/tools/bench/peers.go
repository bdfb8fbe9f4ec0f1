package main

import (
	"slices"
	"strings"
)

// contestant is a program that reads a capture.
type contestant struct {
	name, what string
	own        bool // the sensor
	flows      bool // does what the sensor does with --flows-only: no classification
	slow       bool // is run once on captures with many flows
	// arguments of a run that may write into dir.
	arguments func(file, dir string) []string
	setup     func(file, dir string) (name, text string) // a configuration file; nil for none
}

func (c *contestant) rounds(l load, runs int) int {
	if c.slow && l.name != "mix" {
		return 1
	}
	return runs
}

func contestants(o options, l load) []contestant {
	own := func(name, what string, flows bool, flags ...string) contestant {
		return contestant{name: name, what: what, own: true, flows: flows, arguments: func(file, _ string) []string {
			return append([]string{o.sensor, "read", "--output", "summary"}, append(flags, file)...)
		}}
	}
	all := []contestant{
		own(ownName, "flows, all dissectors, fingerprints, assets, encoded batches", false),
		own(flowsName, "flows, encoded batches", true, "--flows-only"),
	}
	for _, p := range peers {
		if o.peers != "" && !slices.Contains(strings.Split(o.peers, ","), p.name) || l.name == "flows4m" && p.name != "softflowd" && p.name != "ndpiReader" && p.name != "nfpcapd" {
			continue // the others take hours or stop counting
		}
		all = append(all, p)
	}
	return all
}

var peers = []contestant{
	{name: "ndpiReader", what: "flows, classification (some 300 protocols), JA3, risks", slow: true, arguments: func(file, _ string) []string {
		return []string{"ndpiReader", "-i", file, "-q"}
	}},
	{name: "argus", what: "flows both ways, TCP state, jitter", flows: true, slow: true, arguments: func(file, dir string) []string {
		return []string{"argus", "-F", "/dev/null", "-r", file, "-w", dir + "/out"}
	}},
	{name: "softflowd", what: "flows to NetFlow v9", flows: true, arguments: func(file, _ string) []string {
		return []string{"softflowd", "-r", file, "-v", "9", "-n", "127.0.0.1:9995", "-m", "2000000"}
	}},
	{name: "nfpcapd", what: "flows to nfdump files", flows: true, arguments: func(file, dir string) []string {
		return []string{"nfpcapd", "-r", file, "-w", dir}
	}},
	{name: "pmacctd", what: "flows, printed", flows: true, slow: true, arguments: func(_, dir string) []string {
		return []string{"pmacctd", "-f", dir + "/conf"}
	}, setup: func(file, dir string) (name, text string) {
		return "conf", "pcap_savefile: " + file + "\naggregate: src_host,dst_host,src_port,dst_port,proto\nplugins: print\nprint_refresh_time: 3600\n" +
			"print_output_file: " + dir + "/out\nplugin_buffer_size: 2048000\nplugin_pipe_size: 204800000\n"
	}},
	{name: "p0f", what: "TCP fingerprints only", slow: true, arguments: func(file, dir string) []string {
		return []string{"p0f", "-r", file, "-o", dir + "/log"}
	}},
	{name: "prads", what: "assets by regular expressions", slow: true, arguments: func(file, dir string) []string {
		return []string{"prads", "-r", file, "-l", dir + "/log", "-c", "/etc/prads/prads.conf"}
	}},
	{name: "tshark", what: "full dissection, TCP conversations", slow: true, arguments: func(file, _ string) []string {
		return []string{"tshark", "-n", "-r", file, "-q", "-z", "conv,tcp"}
	}},
	{name: "tcpdump", what: "reads and writes, nothing else", flows: true, arguments: func(file, _ string) []string {
		return []string{"tcpdump", "-r", file, "-w", "/dev/null"}
	}},
}
