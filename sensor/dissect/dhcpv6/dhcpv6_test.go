package dhcpv6_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dhcpv6"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dhcpv6.New(), dissecttest.Cases{}) }
