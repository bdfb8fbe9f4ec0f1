package tftp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tftp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tftp.New(), dissecttest.Cases{}) }
