package hsrp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hsrp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, hsrp.New(), dissecttest.Cases{}) }
