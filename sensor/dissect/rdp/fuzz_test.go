package rdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rdp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, rdp.New()) }
