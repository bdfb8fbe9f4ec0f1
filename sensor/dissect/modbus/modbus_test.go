package modbus_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/modbus"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, modbus.New(), dissecttest.Cases{}) }
