package ssdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ssdp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ssdp.New()) }
