package hospital_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital"
)

// oracle runs tshark on a capture and returns its lines.
func oracle(t *testing.T, file string, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "tshark", append([]string{"-n", "-r", file,
		"-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"}, args...)...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("tshark: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// TestTshark holds that an independent reader takes the frames for what they are meant to be.
func TestTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	s := demo(t)
	s.Duration, s.Scale = 62*time.Minute, 0.2 // the rarest habit comes once an hour
	want := []string{"arp", "bacapp", "browser", "cdp", "cldap", "dhcp", "dicom", "dns", "hl7", "http", "ipp", "kerberos", "kip", "ldap", "lldp",
		"llmnr", "mdns", "modbus", "mqtt", "nbns", "ntp", "rtsp", "sip", "smb2", "snmp", "ssdp", "ssh", "stp", "syslog", "tls"}
	also := map[string][]string{"north": {"smb", "telnet", "vnc", "tds"}, "south": {"ftp", "rdp"}, "east": {"smb", "telnet", "ftp"}}
	for _, site := range s.SiteIDs() {
		file := filepath.Join(t.TempDir(), site+".pcap")
		var raw bytes.Buffer
		if err := generator(t, s, site, 0).WritePcap(&raw); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, raw.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, line := range oracle(t, file, "-q", "-z", "io,phs") {
			seen[strings.Fields(line + " .")[0]] = true
		}
		for _, p := range append(also[site], want...) {
			if !seen[p] {
				t.Errorf("%s: tshark sees no %s", site, p)
			}
		}
		bad := oracle(t, file, "-Y", "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0")
		if len(bad) > 0 {
			t.Errorf("%s: %d frames are malformed or out of sequence, first: %s", site, len(bad), bad[0])
		}
	}
}

// TestTsharkLoads holds the same for the reference loads.
func TestTsharkLoads(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, load := range []string{"mix", "flows"} {
		s, err := hospital.Load(load)
		if err != nil {
			t.Fatal(err)
		}
		s.Start, s.Packets = start, 1<<15
		file := filepath.Join(t.TempDir(), load+".pcap")
		var raw bytes.Buffer
		if err := generator(t, s, "x", 0).WritePcap(&raw); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, raw.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		bad := oracle(t, file, "-Y", "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0")
		if len(bad) > 0 {
			t.Errorf("%s: %d frames are malformed or out of sequence, first: %s", load, len(bad), bad[0])
		}
	}
}
