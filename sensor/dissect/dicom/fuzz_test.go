package dicom_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dicom"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func FuzzFeed(f *testing.F) { dissecttest.Fuzz(f, dicom.New()) }
