package capwap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/capwap"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, capwap.New(), dissecttest.Cases{Others: []dissect.Protocol{tls.NewDTLS()}})
}
