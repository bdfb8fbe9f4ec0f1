package iscsi_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/iscsi"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, iscsi.New(), dissecttest.Cases{}) }
