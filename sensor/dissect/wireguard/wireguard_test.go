package wireguard_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/wireguard"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, wireguard.New(), dissecttest.Cases{}) }
