package sccp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sccp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, sccp.New(), dissecttest.Cases{}) }
