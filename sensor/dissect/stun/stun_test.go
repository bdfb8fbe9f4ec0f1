package stun_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/stun"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, stun.New(), dissecttest.Cases{}) }
