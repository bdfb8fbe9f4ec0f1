package s7comm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/s7comm"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, s7comm.New(), dissecttest.Cases{}) }
