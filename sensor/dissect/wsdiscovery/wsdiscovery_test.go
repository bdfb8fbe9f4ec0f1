package wsdiscovery_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/wsdiscovery"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, wsdiscovery.New(), dissecttest.Cases{}) }
