package lpd_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/lpd"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, lpd.New()) }
