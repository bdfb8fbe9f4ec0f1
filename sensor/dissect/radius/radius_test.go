package radius_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/radius"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, radius.New(), dissecttest.Cases{}) }
