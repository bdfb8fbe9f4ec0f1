package netbeui_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/netbeui"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, netbeui.New()) }
