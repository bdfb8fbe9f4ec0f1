package sap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/sap"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, sap.New()) }
