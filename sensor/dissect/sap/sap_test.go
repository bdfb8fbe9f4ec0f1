package sap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sap"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, sap.New(), dissecttest.Cases{}) }
