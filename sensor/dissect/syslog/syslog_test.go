package syslog_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/syslog"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, syslog.New(), dissecttest.Cases{}) }
