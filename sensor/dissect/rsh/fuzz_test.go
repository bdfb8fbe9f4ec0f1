package rsh_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rsh"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, rsh.New()) }
