package arp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/arp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, arp.New()) }
