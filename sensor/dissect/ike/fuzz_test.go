package ike_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ike"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ike.New()) }
