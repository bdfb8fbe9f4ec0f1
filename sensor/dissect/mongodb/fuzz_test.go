package mongodb_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mongodb"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, mongodb.New()) }
