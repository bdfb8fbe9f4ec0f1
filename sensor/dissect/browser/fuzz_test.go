package browser_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/browser"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, browser.New()) }
