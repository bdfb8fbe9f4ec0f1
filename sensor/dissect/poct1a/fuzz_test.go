package poct1a_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/poct1a"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, poct1a.New()) }
