package snmp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/snmp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, snmp.New()) }
