package xiaomi_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/xiaomi"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, xiaomi.New()) }

func FuzzPush(f *testing.F) { dissecttest.Fuzz(f, xiaomi.NewPush()) }
