package ssdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ssdp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ssdp.New(), dissecttest.Cases{}) }
