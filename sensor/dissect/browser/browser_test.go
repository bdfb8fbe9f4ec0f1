package browser_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/browser"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, browser.New(), dissecttest.Cases{}) }
