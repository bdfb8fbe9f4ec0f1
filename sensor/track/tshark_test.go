package track_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/track"
)

// duplicated are the captures in which packets stand twice, how many of them, and where from. The
// records count such a packet as duplicated, its octets not at all; tshark counts both. Their
// conversations are compared by packets.
var duplicated = map[string]struct {
	packets uint64
	why     string
}{
	"IoT_Sentinel__EdnetGateway__Setup-C-4-STA.pcap": {1, "one datagram, all fields equal, 135 µs later"},
	"zeek__q-in-q.pcap":     {1, "the same packet with another VLAN tag"},
	"zeek__nflog-http.pcap": {2, "logged by two rules of the packet filter"},
	"nDPI__capwap.pcap":     {2, "a broadcast, all fields equal, 0.5 ms and 1 µs later"},
	"nDPI__srvloc.pcap":     {8, "datagrams of one router, all fields equal, up to 14 µs later"},
	"icsnpp-profinet-io-cm__profinet_io_cm_mixed_1.pcap": {606, "nearly all frames, all fields equal, 1 to 4 µs later, as a mirror of two ports shows them"},
	"nDPI__malformed_dns.pcap":                           {2, "made by a tool that gives every packet identification 1 and sent again after 13 ms: nothing tells that from a copy"},
	"zeek__raw_ntlm_in_smb.pcap":                         {1, "a broadcast, all fields equal, 6 µs later"},
	"nDPI__telnet.pcap":                                  {5, "one direction, identification and sequence equal, 1.2 to 1.6 ms later: no sender repeats so soon, or under the old identification"},
	"nDPI__skinny.pcap":                                  {34, "RTP of one call, all fields equal, 10 to 25 µs later, as a mirror of two ports shows them"},
	"nDPI__kerberos-login.pcap":                          {7, "the opening of one connection, both directions, all fields equal, 49 µs later, as a mirror of two ports shows them"},
}

// differences are the captures in which our sums and tshark's are not the same, each with its
// reason. A capture that is not here must agree in every conversation; one that is must differ.
var differences = map[string]string{
	"zeek__Teredo.pcap":               "Teredo on ports other than 3544 is told by its content: the records are of the inner IPv6 packets, tshark takes it for plain UDP",
	"nDPI__capwap.pcap":               "one CAPWAP data packet carries ARP: it is taken for what is inside, which is of no flow; the sum counts it for the tunnel",
	"nDPI__fuzz-2006-06-26-2594.pcap": "an IPv6 header cut off within its extension headers: tshark counts its length field, the record is by the last header that could be read",
	"nDPI__kerberos_fuzz.pcapng":      "a TCP header with an impossible length: tshark reads its ports, the record has none",
}

var tsharkFields = []string{
	"frame.protocols", "ip.src", "ip.dst", "ip.len", "ip.proto", "ipv6.src", "ipv6.dst", "ipv6.plen", "ipv6.nxt",
	"tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport",
}

// TestFlowsAgreeWithTshark holds packets and octets of each conversation's records against the
// sums of ip.len and ipv6.plen + 40 that tshark gives, for every labelled capture. Ports are those
// of TCP and UDP; fragments behind the first have none in tshark, so captures with fragments are
// compared by address and protocol.
func TestFlowsAgreeWithTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("absent: time, with -short")
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("absent: tshark")
	}
	files, err := filepath.Glob("../../../shared/pcaps/*/*.pcap*")
	if err != nil || len(files) == 0 {
		t.Skip("absent: the labelled captures in ../shared/pcaps")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			want, fragments := tsharkSums(t, file)
			got, twice := recordSums(t, file)
			if said := duplicated[filepath.Base(file)]; said.packets != twice {
				t.Errorf("%d packets are shown twice by the mirror, %d are listed: %s", twice, said.packets, said.why)
			}
			if twice > 0 {
				withoutOctets(want)
				withoutOctets(got)
			}
			if fragments {
				want, got = withoutPorts(want), withoutPorts(got)
			}
			var faults []string
			for c, s := range want {
				if got[c] != s {
					faults = append(faults, fmt.Sprintf("%v: tshark %v, records %v", c, s, got[c]))
				}
			}
			for c, s := range got {
				if _, ok := want[c]; !ok {
					faults = append(faults, fmt.Sprintf("%v: records %v, tshark nothing", c, s))
				}
			}
			reason, known := differences[filepath.Base(file)]
			switch {
			case known && len(faults) == 0:
				t.Errorf("agrees now, but is said not to: %s", reason)
			case known:
				t.Logf("%s: %d conversations", reason, len(faults))
			case len(faults) > 0:
				t.Errorf("%d of %d conversations differ, e.g. %s", len(faults), len(want), strings.Join(faults[:min(len(faults), 3)], "; "))
			}
		})
	}
}

// recordSums adds up the records, what the mirror showed twice included.
func recordSums(t *testing.T, file string) (all map[conversation]sums, twice uint64) {
	t.Helper()
	table, out := newTable(t, track.DefaultConfig(), &taker{})
	playFile(t, file, table, map[conversation]sums{})
	table.Flush(model.EndForced)
	all = map[conversation]sums{}
	for i := range out.flows {
		f := &out.flows[i]
		c := name(f.Initiator.Addr, f.Responder.Addr, f.Initiator.Port, f.Responder.Port, f.Protocol)
		s := all[c]
		s.Packets += f.InitiatorPackets + f.ResponderPackets + uint64(f.Duplicated)
		s.Octets += f.InitiatorOctets + f.ResponderOctets
		all[c] = s
		twice += uint64(f.Duplicated)
	}
	return all, twice
}

func withoutOctets(all map[conversation]sums) {
	for c, s := range all {
		s.Octets = 0
		all[c] = s
	}
}

func withoutPorts(in map[conversation]sums) map[conversation]sums {
	out := map[conversation]sums{}
	for c, s := range in {
		c.PortLow, c.PortHigh = 0, 0
		have := out[c]
		out[c] = sums{have.Packets + s.Packets, have.Octets + s.Octets}
	}
	return out
}

// tsharkSums asks tshark about every frame. Of nested IP headers the innermost counts that is not
// quoted by an ICMP message.
func tsharkSums(t *testing.T, file string) (all map[conversation]sums, fragments bool) {
	t.Helper()
	arguments := []string{"-n", "-r", file, "-T", "fields", "-E", "separator=|", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"}
	for _, f := range tsharkFields {
		arguments = append(arguments, "-e", f)
	}
	arguments = append(arguments, "-e", "ip.flags.mf", "-e", "ip.frag_offset", "-e", "ipv6.fraghdr.nxt")
	raw, _ := exec.CommandContext(t.Context(), "tshark", arguments...).Output() // a damaged file is told by its exit code
	all = map[conversation]sums{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "|")
		if len(f) != len(tsharkFields)+3 {
			t.Fatalf("tshark says %q", line)
		}
		fragments = fragments || strings.Contains(f[13], "1") || strings.Trim(f[14], "0,") != "" || f[15] != ""
		if c, octets, ok := tsharkPacket(f); ok {
			s := all[c]
			s.Packets++
			s.Octets += octets
			all[c] = s
		}
	}
	return all, fragments
}

func tsharkPacket(f []string) (c conversation, octets uint64, ok bool) {
	v4, v6, tcp, udp := -1, -1, -1, -1
	last, transport := "", ""
	for layer := range strings.SplitSeq(f[0], ":") {
		switch layer {
		case "ip":
			v4++
			last, transport = "ip", ""
		case "ipv6":
			v6++
			last, transport = "ipv6", ""
		case "tcp":
			tcp++
			transport = "tcp"
		case "udp":
			udp++
			transport = "udp"
		case "icmpv6":
			transport = "icmpv6" // behind extension headers ipv6.nxt does not name it
		}
		if layer == "icmp" || layer == "icmpv6" { // behind it stands a quotation
			break
		}
	}
	var src, dst, protocol string
	switch last {
	case "ip":
		src, dst, protocol = at(f[1], v4), at(f[2], v4), at(f[4], v4)
		octets = number(at(f[3], v4))
	case "ipv6":
		src, dst, protocol = at(f[5], v6), at(f[6], v6), at(f[8], v6)
		octets = number(at(f[7], v6)) + 40
	default:
		return c, 0, false
	}
	var portA, portB uint64
	switch transport {
	case "tcp":
		portA, portB, protocol = number(at(f[9], tcp)), number(at(f[10], tcp)), "6"
	case "udp":
		portA, portB, protocol = number(at(f[11], udp)), number(at(f[12], udp)), "17"
	case "icmpv6":
		protocol = "58"
	}
	if next := strings.Split(f[15], ","); protocol == "44" { // a fragment header
		protocol = next[len(next)-1]
	}
	a, errA := model.ParseAddr(src)
	b, errB := model.ParseAddr(dst)
	return name(a, b, uint16(portA), uint16(portB), uint8(number(protocol))), octets, errA == nil && errB == nil
}

func at(list string, i int) string {
	all := strings.Split(list, ",")
	if i < 0 || i >= len(all) {
		return ""
	}
	return all[i]
}

func number(s string) uint64 {
	n, _ := strconv.ParseUint(s, 0, 64)
	return n
}
