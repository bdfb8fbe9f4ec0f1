package ethercat_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ethercat"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, ethercat.New()) }
