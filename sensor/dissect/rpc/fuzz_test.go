package rpc_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rpc"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, rpc.New()) }
