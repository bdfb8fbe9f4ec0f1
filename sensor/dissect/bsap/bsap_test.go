package bsap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/bsap"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, bsap.New(), dissecttest.Cases{}) }
