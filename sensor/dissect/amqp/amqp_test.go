package amqp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/amqp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, amqp.New(), dissecttest.Cases{}) }
