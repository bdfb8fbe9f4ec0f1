package nbns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/nbns"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, nbns.New(), dissecttest.Cases{}) }
