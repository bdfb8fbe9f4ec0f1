package tls_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, tls.New(), dissecttest.Cases{Others: []dissect.Protocol{tls.NewDTLS()}})
}
