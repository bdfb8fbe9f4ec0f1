package intellivue_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/intellivue"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, intellivue.New()) }
