package dhcp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dhcp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dhcp.New()) }
