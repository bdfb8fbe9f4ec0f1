package astm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/astm"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, astm.New(), dissecttest.Cases{}) }
