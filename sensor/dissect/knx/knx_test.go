package knx_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/knx"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, knx.New(), dissecttest.Cases{}) }
