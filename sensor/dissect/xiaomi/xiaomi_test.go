package xiaomi_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/xiaomi"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, xiaomi.New(), dissecttest.Cases{Others: []dissect.Protocol{xiaomi.NewPush()}})
}
