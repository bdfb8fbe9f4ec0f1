package ldap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ldap"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ldap.New(), dissecttest.Cases{}) }
