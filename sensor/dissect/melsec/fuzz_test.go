package melsec_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/melsec"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, melsec.New()) }
