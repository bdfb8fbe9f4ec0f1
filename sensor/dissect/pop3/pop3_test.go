package pop3_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/pop3"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, pop3.New(), dissecttest.Cases{}) }
