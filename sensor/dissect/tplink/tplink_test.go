package tplink_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tplink"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, tplink.New(), dissecttest.Cases{Reveal: plain})
}

// plain undoes the running exclusive-or of a message and redoes it. Over TCP a length stands before it.
func plain(m dissecttest.Message) ([]byte, func([]byte) []byte) {
	at := 0
	if !tplink.Looks(m.Data) {
		at = min(4, len(m.Data))
	}
	return tplink.Plain(m.Data[at:]), func(b []byte) []byte {
		out, key := append([]byte(nil), m.Data[:at]...), byte(171)
		for _, c := range b {
			key ^= c
			out = append(out, key)
		}
		return out
	}
}
