package opcua_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/opcua"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, opcua.New(), dissecttest.Cases{}) }
