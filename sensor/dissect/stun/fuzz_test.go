package stun_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/stun"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, stun.New()) }
