package postgresql_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/postgresql"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, postgresql.New()) }
