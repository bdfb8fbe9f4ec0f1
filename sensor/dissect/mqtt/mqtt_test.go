package mqtt_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mqtt"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, mqtt.New(), dissecttest.Cases{}) }
