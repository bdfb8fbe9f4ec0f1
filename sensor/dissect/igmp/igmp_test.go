package igmp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/igmp"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, igmp.New()) }
