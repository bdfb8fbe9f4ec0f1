package tuya_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tuya"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tuya.New()) }
