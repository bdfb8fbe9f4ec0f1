package ads_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/ads"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ads.New()) }
