package ads_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/ads"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ads.New(), dissecttest.Cases{}) }
