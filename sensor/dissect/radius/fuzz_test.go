package radius_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/radius"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, radius.New()) }
