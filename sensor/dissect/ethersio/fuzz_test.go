package ethersio_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ethersio"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ethersio.New()) }
