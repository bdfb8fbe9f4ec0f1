package check

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

// What can be wrong with a mirror, as Result.Name.
const (
	Silent        = "silent"
	BroadcastOnly = "broadcast_only"
	OneWay        = "one_way"
	Duplicated    = "duplicated"
	Truncated     = "truncated"
	WrongVLAN     = "wrong_vlan"
	Merged        = "merged"
	Undecoded     = "undecoded"
)

// Thresholds. A healthy mirror shows some of each: port scans are one-way, some switches flood.
const (
	fewFrames      = 20   // under this nothing can be said of shares
	fewPairs       = 5    // pairs of hosts, likewise
	broadcastShare = 0.97 // of frames to groups: what an ordinary access port shows
	oneWayShare    = 0.5
	halfWayShare   = 0.1
	duplicateShare = 0.2
	truncatedShare = 0.05
	undecodedShare = 0.2
	largestFrame   = 9300 // jumbo frames with tags and tunnels; longer ones were merged by an offload
	maxPairs       = 1 << 16
)

// Watch gathers what a mirror shows. Make it by NewWatch; it is no mirror's judge before 20 frames.
type Watch struct {
	decoder *decode.Decoder
	table   *track.Table
	packet  decode.Packet
	pairs   map[pair]uint8 // directions seen between two hosts: 1, 2 or 3
	view    View
}

// View is what was seen.
type View struct {
	Frames, Octets   uint64
	Group            uint64 // frames to broadcast and multicast addresses
	Merged           uint64 // frames longer than any link carries
	Pairs, OneWay    uint64 // pairs of hosts that spoke by TCP; of which one direction
	TCP, TCPOneWay   uint64 // conversations
	Duplicates       uint64
	Truncated        uint64
	Undecoded        uint64
	Hosts            uint64 // an estimate
	VLANs            []VLAN // most packets first
	LostBeforeSensor uint64 // in the card, the kernel and the ring
}

// VLAN is one of them; 0 is untagged.
type VLAN struct {
	ID             uint16
	Packets, Hosts uint64
}

type pair struct{ a, b model.Addr }

type noFlows struct{}

func (noFlows) Flow(*model.Flow) {}

// NewWatch makes an empty one.
func NewWatch() (*Watch, error) {
	cfg := track.DefaultConfig()
	cfg.MaxFlows = 1 << 16
	table, err := track.New(cfg, track.Deps{Seed: track.NewSeed(), Sink: noFlows{}})
	if err != nil {
		return nil, fmt.Errorf("watch mirror: %w", err)
	}
	return &Watch{decoder: decode.New(decode.Config{}), table: table, pairs: map[pair]uint8{}}, nil
}

// Frame looks at one.
func (w *Watch) Frame(f *capture.Frame) {
	v := &w.view
	v.Frames++
	v.Octets += uint64(f.WireLen)
	if f.WireLen > largestFrame {
		v.Merged++
	}
	w.decoder.Decode(f, &w.packet)
	p := &w.packet
	if p.DstMAC>>40&1 == 1 || p.IP && p.Dst.IsMulticast() {
		v.Group++
	} else if p.IP && p.HasPorts && p.Protocol == 6 {
		w.direction(p)
	}
	w.table.Packet(p)
}

// direction notes that one host spoke to another.
func (w *Watch) direction(p *decode.Packet) {
	k, side := pair{p.Src, p.Dst}, uint8(1)
	if k.b.Hi < k.a.Hi || k.b.Hi == k.a.Hi && k.b.Lo < k.a.Lo {
		k, side = pair{p.Dst, p.Src}, 2
	}
	seen, known := w.pairs[k]
	if known || len(w.pairs) < maxPairs {
		w.pairs[k] = seen | side
	}
}

// View sums up. The watch is of no use after.
func (w *Watch) View() View {
	v := w.view
	w.table.Flush(model.EndForced)
	var total track.Bucket
	vlans := map[uint16]*track.Bucket{}
	w.table.DrainStats(math.MaxInt64, func(b *track.Bucket) {
		total.Merge(b)
		_, id, _ := b.Key()
		if vlans[id] == nil {
			vlans[id] = &track.Bucket{}
		}
		vlans[id].Merge(b)
	})
	s := total.Stats()
	v.TCP, v.TCPOneWay, v.Duplicates, v.Truncated, v.Undecoded, v.Hosts = s.TCPConversations, s.TCPOneWay, s.Duplicates, s.Truncated, s.Undecoded, s.Hosts
	for id, b := range vlans {
		s := b.Stats()
		v.VLANs = append(v.VLANs, VLAN{ID: id, Packets: s.Packets, Hosts: s.Hosts})
	}
	slices.SortFunc(v.VLANs, func(a, b VLAN) int {
		if a.Packets != b.Packets {
			return int(int64(b.Packets) - int64(a.Packets))
		}
		return int(a.ID) - int(b.ID)
	})
	for _, sides := range w.pairs {
		v.Pairs++
		if sides != 3 {
			v.OneWay++
		}
	}
	return v
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Judge says what is wrong with a mirror that showed v within d. Expected are the VLANs that it
// should carry, 0 for untagged; none means that nothing is known.
func Judge(v View, d time.Duration, expected []uint16) []Result {
	if v.Frames == 0 {
		return []Result{{
			Fault, "mirror", Silent, fmt.Sprintf("silent: not one frame in %v", d.Round(time.Second)),
			"see on the switch that the mirror session is up, names this port as its destination, and has sources with traffic",
		}}
	}
	out := []Result{fine("mirror", fmt.Sprintf("%d frames, %d octets, about %d hosts; VLANs %s", v.Frames, v.Octets, v.Hosts, v.vlans()))}
	if v.Frames >= fewFrames && share(v.Group, v.Frames) >= broadcastShare || v.Pairs == 0 && v.Group == v.Frames {
		out = append(out, Result{
			Fault, "mirror", BroadcastOnly, fmt.Sprintf("broadcast only: %.0f%% of the frames go to everybody, so this is an ordinary port and no mirror", 100*share(v.Group, v.Frames)),
			"make this port the destination of a mirror (SPAN) session, or plug the sensor into the port that is",
		})
		return append(out, v.wrongVLAN(expected)...)
	}
	out = append(out, v.wrongVLAN(expected)...)
	out = append(out, v.directions()...)
	return append(out, v.shares()...)
}

func (v View) directions() []Result {
	one := share(v.TCPOneWay, v.TCP)
	if v.TCP < fewPairs {
		one = share(v.OneWay, v.Pairs)
	}
	switch {
	case v.Pairs < fewPairs && v.TCP < fewPairs:
		return []Result{{
			Warning, "mirror", "too_little", fmt.Sprintf("only %d pairs of hosts spoke: too little to judge by", v.Pairs), "run the check again at a busier time, or for longer: --for 5m",
		}}
	case one >= oneWayShare:
		return []Result{{
			Fault, "mirror", OneWay, fmt.Sprintf("one direction only: of %d pairs of hosts %d, and of %d TCP conversations %d, are seen one way", v.Pairs, v.OneWay, v.TCP, v.TCPOneWay),
			"mirror both directions (`both`, not `rx` or `tx`); with a TAP, connect both monitor ports and name both as interfaces of one domain",
		}}
	case one >= halfWayShare:
		return []Result{{
			Warning, "mirror", OneWay, fmt.Sprintf("%.0f%% of the conversations are seen one way: some traffic returns by a path that is not mirrored", 100*one),
			"mirror the other uplink of redundant pairs too, and give both to one domain of this sensor",
		}}
	}
	return []Result{fine("mirror", fmt.Sprintf("both directions: %.0f%% of %d TCP conversations one way", 100*share(v.TCPOneWay, v.TCP), v.TCP))}
}

// shares are the faults that touch a part of the frames.
func (v View) shares() (out []Result) {
	packets := v.Frames
	for _, f := range []struct {
		name   string
		part   uint64
		most   float64
		level  Level
		text   string
		remedy string
	}{
		{Duplicated, v.Duplicates, duplicateShare, Fault, "duplicated: %.0f%% of the packets come twice", "mirror each packet once: a VLAN or its ports, not both; only `rx` of all ports, or only the uplink. Duplicates are counted apart, but cost half of the sensor"},
		{Truncated, v.Truncated, truncatedShare, Fault, "truncated: %.0f%% of the packets are cut short, so names and versions inside are not seen", "take away the mirror's packet slicing (`mtu`, `truncate`, `snaplen`), or raise the MTU on the way of an encapsulated mirror"},
		{Undecoded, v.Undecoded, undecodedShare, Warning, "%.0f%% of the packets have headers that cannot be read", "see whether the mirror adds a vendor's own header, and turn that off"},
		{Merged, v.Merged, 0.001, Warning, "%.1f%% of the frames were merged from several by an offload of this machine", "turn the offloads off: ethtool -K INTERFACE gro off lro off"},
	} {
		if n := share(f.part, packets); n >= f.most && v.Frames >= fewFrames {
			out = append(out, Result{f.level, "mirror", f.name, fmt.Sprintf(f.text, 100*n), f.remedy})
		}
	}
	if v.LostBeforeSensor > 0 {
		out = append(out, Result{
			Warning, "mirror", "drops", fmt.Sprintf("%d packets were lost before the sensor could take them", v.LostBeforeSensor), "raise capture.ring_bytes or capture.workers, and the card's ring: ethtool -G INTERFACE rx 4096",
		})
	}
	return out
}

func (v View) wrongVLAN(expected []uint16) (out []Result) {
	if len(expected) == 0 {
		return nil
	}
	var missing []string
	for _, id := range expected {
		if !slices.ContainsFunc(v.VLANs, func(seen VLAN) bool { return seen.ID == id }) {
			missing = append(missing, vlanName(id))
		}
	}
	if len(missing) == 0 {
		return []Result{fine("mirror", "all expected VLANs are there")}
	}
	return []Result{{
		Fault, "mirror", WrongVLAN, fmt.Sprintf("wrong VLAN: expected %s, which did not show; seen are %s", strings.Join(missing, ", "), v.vlans()),
		"name the expected VLANs as sources of the mirror, or correct capture.vlans",
	}}
}

func vlanName(id uint16) string {
	if id == 0 {
		return "untagged"
	}
	return fmt.Sprint(id)
}

func (v View) vlans() string {
	const most = 12
	var names []string
	for i, seen := range v.VLANs {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(v.VLANs)-most))
			break
		}
		names = append(names, fmt.Sprintf("%s (%d hosts)", vlanName(seen.ID), seen.Hosts))
	}
	return strings.Join(names, ", ")
}
