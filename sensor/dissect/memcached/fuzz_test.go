package memcached_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/memcached"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, memcached.New()) }
