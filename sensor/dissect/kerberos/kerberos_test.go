package kerberos_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/kerberos"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, kerberos.New(), dissecttest.Cases{}) }
