package modbus_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/modbus"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, modbus.New()) }
