package amqp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/amqp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, amqp.New()) }
