package dicom_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dicom"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dicom.New(), dissecttest.Cases{}) }
