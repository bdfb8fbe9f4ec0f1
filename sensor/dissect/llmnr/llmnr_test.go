package llmnr_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/llmnr"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, llmnr.New(), dissecttest.Cases{}) }
