package genisys_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/genisys"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, genisys.New()) }
