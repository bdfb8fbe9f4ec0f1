package ipmi_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ipmi"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ipmi.New()) }
