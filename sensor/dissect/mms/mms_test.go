package mms_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mms"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, mms.New(), dissecttest.Cases{}) }
