package coap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/coap"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, coap.New()) }
