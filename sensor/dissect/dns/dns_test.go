package dns_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dns"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dns.New(), dissecttest.Cases{}) }
