package jetdirect_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/jetdirect"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, jetdirect.New(), dissecttest.Cases{}) }
