package ftp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ftp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ftp.New()) }
