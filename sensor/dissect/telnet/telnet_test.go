package telnet_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/telnet"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, telnet.New(), dissecttest.Cases{}) }
