package tds_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tds"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tds.New()) }
