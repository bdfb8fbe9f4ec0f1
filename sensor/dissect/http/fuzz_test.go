package http_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/http"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, http.New()) }
