package smb_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/kerberos"
	"github.com/wardscope/wardscope/sensor/dissect/ntlm"
	"github.com/wardscope/wardscope/sensor/dissect/smb"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, smb.New(), dissecttest.Cases{Others: []dissect.Protocol{kerberos.NewToken(), ntlm.New()}})
}
