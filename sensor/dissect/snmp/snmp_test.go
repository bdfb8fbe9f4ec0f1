package snmp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/snmp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, snmp.New(), dissecttest.Cases{}) }
