package rlogin_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rlogin"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, rlogin.New()) }

func FuzzExec(f *testing.F) { dissecttest.Fuzz(f, rlogin.NewExec()) }
