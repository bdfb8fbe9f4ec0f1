package bsap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/bsap"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, bsap.New()) }
