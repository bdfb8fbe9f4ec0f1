package lpd_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/lpd"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, lpd.New(), dissecttest.Cases{}) }
