package dhcp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dhcp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dhcp.New(), dissecttest.Cases{}) }
