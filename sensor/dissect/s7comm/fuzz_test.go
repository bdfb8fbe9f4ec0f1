package s7comm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/s7comm"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, s7comm.New()) }
