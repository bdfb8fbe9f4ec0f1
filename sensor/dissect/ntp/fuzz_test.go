package ntp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ntp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ntp.New()) }
