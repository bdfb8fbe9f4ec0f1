package mysql_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mysql"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, mysql.New(), dissecttest.Cases{}) }
