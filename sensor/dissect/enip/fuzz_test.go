package enip_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/enip"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, enip.New()) }
