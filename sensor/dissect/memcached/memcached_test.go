package memcached_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/memcached"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, memcached.New(), dissecttest.Cases{}) }
