package bjnp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/bjnp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, bjnp.New()) }
