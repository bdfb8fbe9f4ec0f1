package dnp3_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dnp3"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dnp3.New()) }
