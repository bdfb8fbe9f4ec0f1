package melsec_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/melsec"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, melsec.New(), dissecttest.Cases{}) }
