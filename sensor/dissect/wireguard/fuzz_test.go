package wireguard_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/wireguard"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, wireguard.New()) }
