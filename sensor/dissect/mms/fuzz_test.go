package mms_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mms"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, mms.New()) }
