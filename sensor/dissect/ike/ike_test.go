package ike_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ike"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ike.New(), dissecttest.Cases{}) }
