package tuya_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tuya"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tuya.New(), dissecttest.Cases{}) }
