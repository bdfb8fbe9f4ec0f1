package knx_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/knx"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, knx.New()) }
