package rtp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rtp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, rtp.New()) }
