package hl7_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hl7"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, hl7.New(), dissecttest.Cases{}) }
