package dhcpv6_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dhcpv6"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dhcpv6.New()) }
