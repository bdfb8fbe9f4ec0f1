package dcerpc_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dcerpc"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dcerpc.New()) }
