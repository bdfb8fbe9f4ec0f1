package ssh_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ssh"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ssh.New(), dissecttest.Cases{}) }
