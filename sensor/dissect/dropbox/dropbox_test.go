package dropbox_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dropbox"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dropbox.New(), dissecttest.Cases{}) }
