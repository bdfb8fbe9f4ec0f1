package ntp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ntp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ntp.New(), dissecttest.Cases{}) }
