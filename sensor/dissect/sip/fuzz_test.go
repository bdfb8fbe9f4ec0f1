package sip_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sip"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, sip.New()) }
