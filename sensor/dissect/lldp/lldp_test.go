package lldp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/lldp"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, lldp.New()) }
