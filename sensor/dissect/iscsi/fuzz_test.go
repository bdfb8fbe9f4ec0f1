package iscsi_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/iscsi"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, iscsi.New()) }
