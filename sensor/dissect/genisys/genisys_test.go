package genisys_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/genisys"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, genisys.New(), dissecttest.Cases{}) }
