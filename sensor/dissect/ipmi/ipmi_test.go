package ipmi_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ipmi"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ipmi.New(), dissecttest.Cases{}) }
