package openvpn_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/openvpn"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, openvpn.New()) }
