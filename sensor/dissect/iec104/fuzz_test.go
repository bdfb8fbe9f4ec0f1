package iec104_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/iec104"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, iec104.New()) }
