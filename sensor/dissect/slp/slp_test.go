package slp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/slp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, slp.New(), dissecttest.Cases{}) }
