package sbus_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sbus"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, sbus.New()) }
