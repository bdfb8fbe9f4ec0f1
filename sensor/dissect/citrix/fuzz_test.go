package citrix_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/citrix"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, citrix.New()) }
