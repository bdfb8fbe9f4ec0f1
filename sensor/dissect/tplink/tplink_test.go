package tplink_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tplink"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tplink.New(), dissecttest.Cases{}) }
