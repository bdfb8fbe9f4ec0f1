package openvpn_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/openvpn"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, openvpn.New(), dissecttest.Cases{}) }
