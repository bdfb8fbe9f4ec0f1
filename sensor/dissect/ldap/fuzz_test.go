package ldap_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ldap"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ldap.New()) }
