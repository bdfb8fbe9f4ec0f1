package cdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/cdp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, cdp.New()) }
