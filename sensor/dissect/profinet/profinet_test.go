package profinet_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/profinet"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, profinet.New()) }
