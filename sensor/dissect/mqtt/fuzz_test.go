package mqtt_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mqtt"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, mqtt.New()) }
