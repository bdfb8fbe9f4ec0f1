package dnp3_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dnp3"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dnp3.New(), dissecttest.Cases{}) }
