package ssh_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ssh"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ssh.New()) }
