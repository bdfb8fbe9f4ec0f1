package mysql_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mysql"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, mysql.New()) }
