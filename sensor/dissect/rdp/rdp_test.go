package rdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rdp"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, rdp.New(), dissecttest.Cases{Others: []dissect.Protocol{rdp.NewUDP(), tls.New()}})
}
