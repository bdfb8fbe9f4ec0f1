package lontalk_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/lontalk"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, lontalk.New(), dissecttest.Cases{}) }
