package tns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tns"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tns.New()) }
