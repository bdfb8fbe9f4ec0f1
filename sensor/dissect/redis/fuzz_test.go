package redis_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/redis"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, redis.New()) }
