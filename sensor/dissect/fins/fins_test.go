package fins_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/fins"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, fins.New(), dissecttest.Cases{}) }
