//go:build linux

package afpacket

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/model"
)

// Silence says whether an interface could transmit, why, and which commands silence it. Uplink is
// the interface by which the sensor reaches its hub, "" when that is not known.
func Silence(name, uplink string) (model.Interface, error) {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return model.Interface{}, fmt.Errorf("look at interface %s: no such interface", name)
	}
	report := model.Interface{Name: name, LinkUp: iface.Flags&net.FlagRunning != 0}
	add := func(reason, remedy string) {
		report.CanSend = true
		report.Reasons = append(report.Reasons, reason)
		report.Remedies = append(report.Remedies, remedy)
	}
	if name == uplink || defaultRoute(name) {
		report.SameAsHub = true
		add("is also the way to the hub or the default route", fmt.Sprintf("give the sensor another management interface, then: ip route del default dev %s", name))
	}
	addresses, err := iface.Addrs()
	if err != nil {
		return model.Interface{}, fmt.Errorf("look at interface %s: %w", name, err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() == nil && ip.IP.IsLinkLocalUnicast() {
			add("has IPv6 link-local address "+a.String(), fmt.Sprintf("sysctl -w net.ipv6.conf.%s.disable_ipv6=1", sysctlName(name)))
			continue
		}
		add("has address "+a.String(), fmt.Sprintf("ip address del %s dev %s", a, name))
	}
	if ipv6On(name) {
		add("configures IPv6 by itself", fmt.Sprintf("sysctl -w net.ipv6.conf.%s.disable_ipv6=1", sysctlName(name)))
	}
	if arpOn(name) {
		// Without an address of its own it still answers for those of other interfaces (arp_ignore = 0).
		add("answers ARP", fmt.Sprintf("ip link set dev %s arp off", name))
	}
	report.Remedies = unique(report.Remedies)
	return report, nil
}

func unique(list []string) []string {
	seen := map[string]bool{}
	kept := list[:0]
	for _, s := range list {
		if !seen[s] {
			kept = append(kept, s)
		}
		seen[s] = true
	}
	return kept
}

// sysctlName is the interface as a sysctl key: a dot would be a separator.
func sysctlName(name string) string { return strings.ReplaceAll(name, ".", "/") }

func ipv6On(name string) bool {
	value, err := os.ReadFile("/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6")
	return err == nil && string(bytes.TrimSpace(value)) == "0"
}

func arpOn(name string) bool {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer func() { _ = unix.Close(fd) }()
	request, err := unix.NewIfreq(name)
	if err != nil || unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request) != nil {
		return false
	}
	return request.Uint16()&(unix.IFF_NOARP|unix.IFF_LOOPBACK) == 0
}

// defaultRoute reports that a default route leaves by the interface.
func defaultRoute(name string) bool {
	if table, err := os.ReadFile("/proc/thread-self/net/route"); err == nil {
		for line := range bytes.Lines(table) {
			f := bytes.Fields(line)
			if len(f) > 7 && string(f[0]) == name && string(f[1]) == "00000000" && string(f[7]) == "00000000" {
				return true
			}
		}
	}
	if table, err := os.ReadFile("/proc/thread-self/net/ipv6_route"); err == nil {
		for line := range bytes.Lines(table) {
			f := bytes.Fields(line)
			if len(f) > 9 && string(f[9]) == name && string(f[1]) == "00" && len(bytes.Trim(f[0], "0")) == 0 && len(bytes.Trim(f[4], "0")) != 0 {
				return true
			}
		}
	}
	return false
}
