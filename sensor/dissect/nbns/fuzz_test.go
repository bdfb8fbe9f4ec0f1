package nbns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/nbns"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, nbns.New()) }
