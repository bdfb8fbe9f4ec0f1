package mongodb_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/mongodb"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, mongodb.New(), dissecttest.Cases{}) }
