package socks_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/socks"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, socks.New()) }
