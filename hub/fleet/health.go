package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/state"
)

// State is a sensor's health at a glance. The numbers are those of
// wardscope.hub.v1.SensorState.
type State int

// The states.
const (
	StateUnset State = iota
	StateOK
	StateSilent
	StateDropping
	StateHalfBlind
	StateNeverSeen
	StateLagging
	StateSkewedClock
	StatePaused
	StateRevoked
	StateBlind
)

// Sight is what the store has of a sensor, over the last minutes.
type Sight struct {
	LastReceived     time.Time // of its last batch; zero: none ever
	Packets          uint64
	Dropped          uint64 // packets, all places but privacy
	ShedBatches      uint64
	TCPConversations uint64
	TCPOneWay        uint64
	Duplicates       uint64
	Truncated        uint64
	VLANs            map[uint16]uint64 // packets seen, 0 untagged
	Report           *Report           // the last one; nil: none since the hub started
	Pause            string            // why people paused it; "" when they did not
	Revoked          *state.Denial     // nil: it is not shut out
}

// Report is what a sensor last said of itself. Counters are since its program started.
type Report struct {
	Received             time.Time
	Epoch                uint64
	Version              string
	Started              time.Time     // sensor clock
	ClockOffset          time.Duration // sensor clock minus hub clock
	ClockError           time.Duration // how wrong that can be; 0: not measured yet
	Sealed, Sent, Shed   uint64        // batches
	Shedding             bool          // more were shed since the report before
	Waiting              uint64        // batches
	WaitingOctets        uint64
	WaitingMax           uint64
	Lag                  time.Duration // age of the oldest batch that waits
	Packets, Dropped     uint64
	CPU                  time.Duration
	Memory               uint64 // octets
	Paused               bool
	Configuration        uint64 // version in force; 0: the sensor's own alone
	RefusedConfiguration uint64
	Refusal              string
	Live                 bool     // it captures from interfaces
	Group                uint64   // packets to broadcast and multicast addresses
	Expected             []uint16 // VLANs that the mirror should carry, 0 for untagged

	LastPacket               time.Time // when packets last became more, or the hub first heard of it
	Since                    time.Time // begin of the window in which shares are taken
	SincePackets, SinceGroup uint64    // Packets and Group at that time
}

// Thresholds of Health. A sensor sends statistics each minute, even when it sees nothing.
const (
	silentAfter      = 3 * time.Minute
	droppingShare    = 0.001
	oneWayShare      = 0.5
	duplicateShare   = 0.3
	fewConversations = 50 // too little to judge by
	fewPackets       = 50
	broadcastShare   = 0.97 // as `wardscope-sensor check` has it
	truncatedShare   = 0.05
	blindAfter       = time.Minute
	laggingAfter     = time.Minute
	skewedPast       = 2 * time.Second // far more than NTP leaves, and enough to put events into another order
	reportedFresh    = time.Minute     // a report older than that says nothing about now
)

// Health puts into words what a Sight means; the worst is named. Planned silence is no fault.
func Health(s Sight, now time.Time) (State, string) {
	r := s.Report
	if r != nil && now.Sub(r.Received) > reportedFresh {
		r = nil
	}
	last := s.LastReceived
	if r != nil && r.Received.After(last) {
		last = r.Received
	}
	switch quiet := now.Sub(last); {
	case s.Revoked != nil:
		return StateRevoked, fmt.Sprintf("revoked on %s: %s", s.Revoked.Since.UTC().Format(time.DateTime), s.Revoked.Reason)
	case last.IsZero():
		return StateNeverSeen, "added, has never sent anything"
	case s.Pause != "" && (r == nil || r.Paused):
		return StatePaused, "paused: " + s.Pause
	case quiet > silentAfter:
		return StateSilent, fmt.Sprintf("has sent nothing for %s", quiet.Round(time.Second))
	}
	if state, why := reported(r); state != StateUnset {
		return state, why
	}
	switch {
	case s.ShedBatches > 0:
		return StateDropping, fmt.Sprintf("gave up %d batches before the hub took them", s.ShedBatches)
	case r != nil && r.Live && now.Sub(r.LastPacket) > blindAfter:
		return StateBlind, fmt.Sprintf("silent: its mirror has shown not one packet for %s", now.Sub(r.LastPacket).Round(time.Second))
	case r != nil && r.broadcastOnly():
		return StateBlind, fmt.Sprintf("broadcast only: %.0f %% of its packets go to everybody, so it is at an ordinary port and no mirror", 100*share(r.Group-r.SinceGroup, r.Packets-r.SincePackets))
	case share(s.Dropped, s.Packets+s.Dropped) > droppingShare:
		return StateDropping, fmt.Sprintf("loses %.1f %% of its packets", 100*share(s.Dropped, s.Packets+s.Dropped))
	case s.TCPConversations >= fewConversations && share(s.TCPOneWay, s.TCPConversations) > oneWayShare:
		return StateHalfBlind, fmt.Sprintf("one direction only: sees %.0f %% of TCP conversations one way", 100*share(s.TCPOneWay, s.TCPConversations))
	case share(s.Duplicates, s.Packets) > duplicateShare:
		return StateHalfBlind, fmt.Sprintf("duplicated: its mirror shows %.0f %% of packets twice", 100*share(s.Duplicates, s.Packets))
	case s.Packets > fewPackets && share(s.Truncated, s.Packets) > truncatedShare:
		return StateHalfBlind, fmt.Sprintf("truncated: %.0f %% of its packets are cut short", 100*share(s.Truncated, s.Packets))
	}
	if missing := s.missingVLANs(); missing != "" {
		return StateHalfBlind, "wrong VLAN: its mirror should carry " + missing + ", which has not shown"
	}
	return StateOK, ""
}

// broadcastOnly says what an ordinary access port shows.
func (r *Report) broadcastOnly() bool {
	packets := r.Packets - r.SincePackets
	return r.Live && packets > fewPackets && share(r.Group-r.SinceGroup, packets) >= broadcastShare
}

// missingVLANs lists those that the mirror should carry and that no packet was in.
func (s *Sight) missingVLANs() string {
	if s.Report == nil || s.Packets <= fewPackets {
		return ""
	}
	var names []string
	for _, id := range s.Report.Expected {
		switch {
		case s.VLANs[id] > 0:
		case id == 0:
			names = append(names, "untagged frames")
		default:
			names = append(names, fmt.Sprint(id))
		}
	}
	return strings.Join(names, ", ")
}

// reported judges by what the sensor says of itself; StateUnset when nothing is wrong.
func reported(r *Report) (State, string) {
	switch {
	case r == nil:
		return StateUnset, ""
	case r.Shedding:
		return StateDropping, fmt.Sprintf("gives batches up because its queue is full, %d so far", r.Shed)
	case r.Lag > laggingAfter:
		return StateLagging, fmt.Sprintf("%d batches wait, the oldest for %s", r.Waiting, r.Lag.Round(time.Second))
	case r.ClockError > 0 && r.ClockOffset.Abs() > skewedPast+r.ClockError:
		return StateSkewedClock, fmt.Sprintf("its clock is %s from the hub's; set it by a time server", r.ClockOffset.Round(time.Millisecond))
	}
	return StateUnset, ""
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
