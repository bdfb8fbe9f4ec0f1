package lontalk_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/lontalk"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, lontalk.New()) }
