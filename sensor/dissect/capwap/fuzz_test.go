package capwap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/capwap"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, capwap.New()) }
