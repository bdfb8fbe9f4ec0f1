package dcerpc_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dcerpc"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dcerpc.New(), dissecttest.Cases{}) }
