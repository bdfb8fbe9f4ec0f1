package dlms_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dlms"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dlms.New(), dissecttest.Cases{}) }
