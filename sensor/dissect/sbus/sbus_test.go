package sbus_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sbus"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, sbus.New(), dissecttest.Cases{}) }
