package main

import (
	"strings"
	"testing"
)

func TestParseNotice(t *testing.T) {
	lines, err := parseNotice(strings.NewReader("\ufeffModel, Maker,serial\nPlum 360, ICU Medical,S1-S9\nAlaris 8015,BD\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0].GetMaker() != "ICU Medical" || lines[0].GetSerial() != "S1-S9" || lines[1].GetModel() != "Alaris 8015" || lines[1].GetSerial() != "" {
		t.Errorf("got %v", lines)
	}
	for _, text := range []string{"", "maker\nBD\n", "maker,model\n\"BD\n"} {
		if _, err := parseNotice(strings.NewReader(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}
