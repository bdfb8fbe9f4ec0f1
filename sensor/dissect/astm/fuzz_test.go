package astm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/astm"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, astm.New()) }
