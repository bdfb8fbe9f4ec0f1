package ftp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ftp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ftp.New(), dissecttest.Cases{}) }
