package tacacs_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tacacs"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tacacs.New()) }
