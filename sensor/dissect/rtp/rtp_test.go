package rtp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rtp"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, rtp.New(), dissecttest.Cases{Others: []dissect.Protocol{rtp.NewControl()}})
}
