package bacnet_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/bacnet"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, bacnet.New(), dissecttest.Cases{}) }
