package synphasor_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/synphasor"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, synphasor.New(), dissecttest.Cases{}) }
