package hartip_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hartip"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, hartip.New(), dissecttest.Cases{}) }
