package enrol

import (
	"bytes"
	_ "embed" // the configuration
	"fmt"
	"net"
	"strings"
	"text/template"
)

//go:embed sensor.yaml
var sampleText string

var sample = template.Must(template.New(ConfigFile).Parse(sampleText))

// configuration is a file that `run` takes as is.
func configuration(cfg Config, r Result) ([]byte, error) {
	var out bytes.Buffer
	err := sample.Execute(&out, struct {
		Result
		Proxy, Interface string
	}{r, cfg.Proxy, cfg.Interface})
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return out.Bytes(), nil
}

// Port is a network interface.
type Port struct {
	Name      string
	Up        bool
	Addressed bool // holds an address that others can reach
	Loopback  bool
}

// Ports lists the machine's.
func Ports() ([]Port, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	out := make([]Port, 0, len(all))
	for _, i := range all {
		p := Port{Name: i.Name, Up: i.Flags&net.FlagUp != 0, Loopback: i.Flags&net.FlagLoopback != 0}
		addrs, err := i.Addrs()
		if err != nil {
			return nil, fmt.Errorf("list interfaces: %s: %w", i.Name, err)
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
				p.Addressed = true
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// MirrorPort chooses the interface that the mirror comes to: the one that was named, or the only one
// that is up and has no address. It is chosen before the token is spent.
func MirrorPort(named string, ports []Port) (string, error) {
	var names, free []string
	for _, p := range ports {
		if p.Loopback {
			continue
		}
		if p.Name == named {
			return named, nil
		}
		names = append(names, p.Name)
		if p.Up && !p.Addressed {
			free = append(free, p.Name)
		}
	}
	if named != "" {
		return "", &Fault{"interface", "there is no interface " + named, "name one of: " + strings.Join(names, ", "), nil}
	}
	if len(free) == 1 {
		return free[0], nil
	}
	which := "no interface is up without an address"
	if len(free) > 1 {
		which = "several interfaces are up without an address: " + strings.Join(free, ", ")
	}
	return "", &Fault{"interface", which + ", so the mirror's cannot be chosen; the token was not used", "name it: --interface NAME, one of " + strings.Join(names, ", "), nil}
}
