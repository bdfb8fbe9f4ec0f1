package tftp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tftp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tftp.New()) }
