package kerberos_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/kerberos"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, kerberos.New()) }
