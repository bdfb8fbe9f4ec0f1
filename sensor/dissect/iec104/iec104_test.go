package iec104_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/iec104"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, iec104.New(), dissecttest.Cases{}) }
