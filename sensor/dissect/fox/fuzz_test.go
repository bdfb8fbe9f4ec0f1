package fox_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/fox"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, fox.New()) }
