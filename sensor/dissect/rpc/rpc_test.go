package rpc_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rpc"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, rpc.New(), dissecttest.Cases{}) }
