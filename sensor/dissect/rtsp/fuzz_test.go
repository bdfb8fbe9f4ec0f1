package rtsp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rtsp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, rtsp.New()) }
