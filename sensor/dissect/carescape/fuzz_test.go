package carescape_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/carescape"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, carescape.New()) }
