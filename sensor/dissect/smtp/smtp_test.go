package smtp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/smtp"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, smtp.New(), dissecttest.Cases{}) }
