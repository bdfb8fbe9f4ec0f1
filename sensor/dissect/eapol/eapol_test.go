package eapol_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/eapol"
)

func TestSuite(t *testing.T) { dissecttest.RunPackets(t, eapol.New()) }
