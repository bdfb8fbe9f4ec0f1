package tacacs_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tacacs"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tacacs.New(), dissecttest.Cases{}) }
