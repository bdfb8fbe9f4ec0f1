package c1222_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/c1222"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, c1222.New(), dissecttest.Cases{}) }
