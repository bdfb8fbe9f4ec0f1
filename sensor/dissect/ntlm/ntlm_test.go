package ntlm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ntlm"
)

func TestMessages(t *testing.T) { dissecttest.RunInner(t, ntlm.New(), dissecttest.Cases{}) }
