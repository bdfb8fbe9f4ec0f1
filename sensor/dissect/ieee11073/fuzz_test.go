package ieee11073_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ieee11073"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, ieee11073.New()) }
