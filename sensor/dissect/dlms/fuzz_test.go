package dlms_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dlms"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dlms.New()) }
