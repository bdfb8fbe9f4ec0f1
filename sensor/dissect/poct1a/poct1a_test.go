package poct1a_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/poct1a"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, poct1a.New(), dissecttest.Cases{}) }
