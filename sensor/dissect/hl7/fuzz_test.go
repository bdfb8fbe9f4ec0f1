package hl7_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hl7"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, hl7.New()) }
