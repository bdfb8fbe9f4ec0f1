package ripng_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ripng"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ripng.New(), dissecttest.Cases{}) }
