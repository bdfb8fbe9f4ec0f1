package edp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/edp"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, edp.New()) }
