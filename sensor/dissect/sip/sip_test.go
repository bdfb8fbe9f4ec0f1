package sip_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sip"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, sip.New(), dissecttest.Cases{}) }
