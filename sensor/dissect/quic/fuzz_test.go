package quic_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/quic"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, quic.New()) }
