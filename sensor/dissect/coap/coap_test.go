package coap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/coap"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, coap.New(), dissecttest.Cases{}) }
