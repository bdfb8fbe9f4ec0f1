package fox_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/fox"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, fox.New(), dissecttest.Cases{}) }
