package teamviewer_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/teamviewer"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, teamviewer.New(), dissecttest.Cases{}) }
