package dissecttest

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
)

// Claims shows a conversation to each protocol alone, as if there were no other, and returns the names of those that
// say it is theirs. Between protocols that are sure there is one at most.
func Claims(t testing.TB, c *Conversation, protocols []dissect.Protocol, packets []dissect.PacketProtocol) []string {
	t.Helper()
	var out []string
	if c.Packet != nil {
		for _, p := range packets {
			if (player{packets: []dissect.PacketProtocol{p}}).play(t, c, c.Messages).claim > 0 {
				out = append(out, p.Info().Name)
			}
		}
		return out
	}
	for _, p := range protocols {
		if p.Info().Transport == 0 {
			continue
		}
		if r := (player{protocols: []dissect.Protocol{p}}).play(t, c, c.Messages); r.claim > 0 && r.service != "" {
			out = append(out, p.Info().Name)
		}
	}
	return out
}
