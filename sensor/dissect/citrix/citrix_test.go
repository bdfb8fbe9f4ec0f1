package citrix_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/citrix"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, citrix.New(), dissecttest.Cases{}) }
