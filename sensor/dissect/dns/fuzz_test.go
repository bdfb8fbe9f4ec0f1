package dns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dns"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dns.New()) }
