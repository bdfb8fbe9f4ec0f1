package stp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/stp"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, stp.New()) }
