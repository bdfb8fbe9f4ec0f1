package hsrp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hsrp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, hsrp.New()) }
