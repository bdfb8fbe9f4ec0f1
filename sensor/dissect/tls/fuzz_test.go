package tls_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tls"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, tls.New()) }

func FuzzDTLS(f *testing.F) { dissecttest.Fuzz(f, tls.NewDTLS()) }

func FuzzHandshake(f *testing.F) { dissecttest.Fuzz(f, tls.NewHandshake()) }
