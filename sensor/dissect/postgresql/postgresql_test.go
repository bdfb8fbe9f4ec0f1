package postgresql_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/postgresql"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, postgresql.New(), dissecttest.Cases{}) }
