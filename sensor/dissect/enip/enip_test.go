package enip_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/enip"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, enip.New(), dissecttest.Cases{}) }
