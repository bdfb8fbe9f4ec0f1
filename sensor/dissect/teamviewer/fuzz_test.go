package teamviewer_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/teamviewer"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, teamviewer.New()) }
