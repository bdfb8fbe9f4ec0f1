package smb_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/smb"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, smb.New()) }
