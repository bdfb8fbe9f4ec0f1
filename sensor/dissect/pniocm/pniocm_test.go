package pniocm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/pniocm"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, pniocm.New(), dissecttest.Cases{}) }
