package nats_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/nats"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, nats.New()) }
