package pop3_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/pop3"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, pop3.New()) }
