package rtsp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rtsp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, rtsp.New(), dissecttest.Cases{}) }
