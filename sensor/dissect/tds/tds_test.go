package tds_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tds"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tds.New(), dissecttest.Cases{}) }
