package socks_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/socks"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, socks.New(), dissecttest.Cases{}) }
