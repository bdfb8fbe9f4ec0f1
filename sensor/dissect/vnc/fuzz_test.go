package vnc_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/vnc"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, vnc.New()) }
