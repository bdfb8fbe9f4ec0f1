package smtp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/smtp"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, smtp.New()) }
