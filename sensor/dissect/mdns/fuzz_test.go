package mdns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mdns"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, mdns.New()) }
