package rlogin_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/rlogin"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, rlogin.New(), dissecttest.Cases{Others: []dissect.Protocol{rlogin.NewExec()}})
}
