package llmnr_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/llmnr"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, llmnr.New()) }
