package hartip_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hartip"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, hartip.New()) }
