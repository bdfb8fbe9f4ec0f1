package fleet

import (
	"fmt"
	"time"
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
}

// Thresholds of Health. A sensor sends statistics each minute, even when it sees nothing.
const (
	silentAfter      = 3 * time.Minute
	droppingShare    = 0.001
	oneWayShare      = 0.5
	duplicateShare   = 0.3
	fewConversations = 50 // too little to judge by
)

// Health puts into words what a Sight means; the worst is named.
func Health(s Sight, now time.Time) (State, string) {
	switch quiet := now.Sub(s.LastReceived); {
	case s.LastReceived.IsZero():
		return StateNeverSeen, "added, has never sent anything"
	case quiet > silentAfter:
		return StateSilent, fmt.Sprintf("has sent nothing for %s", quiet.Round(time.Second))
	case s.ShedBatches > 0:
		return StateDropping, fmt.Sprintf("gave up %d batches before the hub took them", s.ShedBatches)
	case share(s.Dropped, s.Packets+s.Dropped) > droppingShare:
		return StateDropping, fmt.Sprintf("loses %.1f %% of its packets", 100*share(s.Dropped, s.Packets+s.Dropped))
	case s.TCPConversations >= fewConversations && share(s.TCPOneWay, s.TCPConversations) > oneWayShare:
		return StateHalfBlind, fmt.Sprintf("sees one direction only of %.0f %% of TCP conversations", 100*share(s.TCPOneWay, s.TCPConversations))
	case share(s.Duplicates, s.Packets) > duplicateShare:
		return StateHalfBlind, fmt.Sprintf("is shown %.0f %% of packets twice by its mirror", 100*share(s.Duplicates, s.Packets))
	}
	return StateOK, ""
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
