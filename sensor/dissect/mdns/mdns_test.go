package mdns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mdns"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, mdns.New(), dissecttest.Cases{}) }
