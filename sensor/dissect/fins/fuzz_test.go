package fins_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/fins"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, fins.New()) }
