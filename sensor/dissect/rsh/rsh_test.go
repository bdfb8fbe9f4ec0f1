package rsh_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rsh"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, rsh.New(), dissecttest.Cases{}) }
