package redis_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/redis"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, redis.New(), dissecttest.Cases{}) }
