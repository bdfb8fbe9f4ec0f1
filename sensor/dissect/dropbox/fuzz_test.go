package dropbox_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dropbox"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dropbox.New()) }
