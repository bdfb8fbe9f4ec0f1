package bacnet_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/bacnet"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, bacnet.New()) }
