package tplink_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tplink"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tplink.New()) }
