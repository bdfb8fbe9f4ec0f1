package opcua_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/opcua"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, opcua.New()) }
