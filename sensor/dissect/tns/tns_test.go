package tns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tns"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tns.New(), dissecttest.Cases{}) }
