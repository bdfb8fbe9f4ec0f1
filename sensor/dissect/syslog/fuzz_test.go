package syslog_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/syslog"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, syslog.New()) }
