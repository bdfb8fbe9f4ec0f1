package vnc_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/vnc"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, vnc.New(), dissecttest.Cases{}) }
