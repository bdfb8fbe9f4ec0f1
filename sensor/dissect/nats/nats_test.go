package nats_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/nats"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, nats.New(), dissecttest.Cases{}) }
