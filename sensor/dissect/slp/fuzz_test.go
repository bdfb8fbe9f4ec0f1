package slp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/slp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, slp.New()) }
