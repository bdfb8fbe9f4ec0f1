package imap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/imap"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, imap.New(), dissecttest.Cases{}) }
