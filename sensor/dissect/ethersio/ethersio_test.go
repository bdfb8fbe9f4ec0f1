package ethersio_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ethersio"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ethersio.New(), dissecttest.Cases{}) }
