package wsdiscovery_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/wsdiscovery"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, wsdiscovery.New()) }
