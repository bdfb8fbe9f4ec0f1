package ntlm_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ntlm"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ntlm.New()) }
