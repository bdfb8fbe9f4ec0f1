package pniocm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/pniocm"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, pniocm.New()) }
