package dissecttest

import (
	"maps"
	"slices"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
)

// What the tests of the suite itself look at.
var (
	Marks   = marks
	Allowed = allowed
)

// Leaves marks the fields of one conversation: where marks come out, and how many were tried.
func Leaves(t testing.TB, c *Conversation, p dissect.Protocol) (leaves []string, marked int) {
	t.Helper()
	f := taint{most: mostFields}
	c.Flow.Initiator.MAC = clientMAC
	f.conversation(t, player{protocols: []dissect.Protocol{p}}, c, Cases{})
	return slices.Sorted(maps.Keys(f.leaves)), f.marked
}

// Slow plays long inputs behind a conversation's messages: which of them take too long.
func Slow(t testing.TB, c *Conversation, p dissect.Protocol) []string {
	t.Helper()
	c.Flow.Initiator.MAC = clientMAC
	return player{protocols: []dissect.Protocol{p}}.slow(t, c)
}
