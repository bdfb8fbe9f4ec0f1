package ripng_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ripng"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ripng.New()) }
