package jetdirect_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/jetdirect"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, jetdirect.New()) }
