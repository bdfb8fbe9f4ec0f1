package imap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/imap"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, imap.New()) }
