package sccp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sccp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, sccp.New()) }
