package ldap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/kerberos"
	"github.com/wardscope/wardscope/sensor/dissect/ldap"
	"github.com/wardscope/wardscope/sensor/dissect/ntlm"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, ldap.New(), dissecttest.Cases{Others: []dissect.Protocol{kerberos.NewToken(), ntlm.New()}})
}
