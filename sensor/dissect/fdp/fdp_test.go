package fdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/fdp"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, fdp.New()) }
