package synphasor_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/synphasor"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, synphasor.New()) }
