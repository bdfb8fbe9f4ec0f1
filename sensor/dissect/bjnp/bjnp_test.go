package bjnp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/bjnp"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, bjnp.New(), dissecttest.Cases{}) }
