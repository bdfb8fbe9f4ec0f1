package http_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hl7"
	"github.com/wardscope/wardscope/sensor/dissect/http"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, http.New(), dissecttest.Cases{Others: []dissect.Protocol{hl7.New()}})
}
