package quic_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/quic"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
)

func TestSuite(t *testing.T) {
	var o quic.Opener
	dissecttest.Run(t, quic.New(), dissecttest.Cases{Others: []dissect.Protocol{tls.NewHandshake()},
		Reveal: func(m dissecttest.Message) ([]byte, func([]byte) []byte) { return o.Open(int(m.Dir), m.Data) }})
}
