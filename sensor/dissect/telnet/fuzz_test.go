package telnet_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/telnet"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, telnet.New()) }
