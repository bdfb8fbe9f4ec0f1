package c1222_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/c1222"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, c1222.New()) }
