package service_test

import (
	"regexp"
	"testing"

	"github.com/wardscope/wardscope/internal/service"
)

func TestTable(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	seen := map[string]bool{}
	for _, s := range service.All() {
		if !name.MatchString(s.Name) || s.Title == "" || s.Role == service.RoleUnset {
			t.Errorf("%+v: want a lower-case name, a title and a role", s)
		}
		if seen[s.Name] {
			t.Errorf("%s stands twice", s.Name)
		}
		seen[s.Name] = true
		if got, ok := service.ByName(s.Name); !ok || got.Title != s.Title {
			t.Errorf("ByName(%s) = %v, %v", s.Name, got.Name, ok)
		}
		if s.Role.String() == "" {
			t.Errorf("%s has a role without name", s.Name)
		}
	}
}

func TestByPort(t *testing.T) {
	for _, c := range []struct {
		protocol uint8
		port     uint16
		want     string
	}{{6, 104, "dicom"}, {6, 2575, "hl7"}, {17, 47808, "bacnet"}, {6, 443, "tls"}, {17, 443, "quic"}, {6, 514, "rsh"}, {17, 514, "syslog"}, {6, 2, ""}} {
		got, ok := service.ByPort(c.protocol, c.port)
		if got.Name != c.want || ok != (c.want != "") || ok != service.IsPort(c.protocol, c.port) {
			t.Errorf("ByPort(%d, %d) = %q, want %q", c.protocol, c.port, got.Name, c.want)
		}
	}
}
