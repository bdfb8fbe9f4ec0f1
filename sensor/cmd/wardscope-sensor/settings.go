package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/wardscope/wardscope/internal/config"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
	"github.com/wardscope/wardscope/sensor/control/bundle"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/pipeline"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// settings is the sensor's configuration file.
type settings struct {
	Site    string          `yaml:"site"`
	Sensor  string          `yaml:"sensor"`
	Hub     hubSettings     `yaml:"hub"`
	Capture captureSettings `yaml:"capture"`
	Spool   spoolSettings   `yaml:"spool"`
	Uplink  uplinkSettings  `yaml:"uplink"`
	Privacy privacySettings `yaml:"privacy"`
	Limits  limitSettings   `yaml:"limits"`
	Metrics metricSettings  `yaml:"metrics"`
	Log     logSettings     `yaml:"log"`

	base string       // folder of the file: names of files in it are relative to that
	tail *bundle.Tail // the end of the log; nil when nobody needs it
}

func (s *settings) beside(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(s.base, file)
}

type hubSettings struct {
	Transport   string       `yaml:"transport"`   // auto, nats, websocket or grpc
	NATS        string       `yaml:"nats"`        // tls://hub.example.org:4222
	WebSocket   string       `yaml:"websocket"`   // wss://hub.example.org:443
	GRPC        string       `yaml:"grpc"`        // grpc://hub.example.org:443
	CA          string       `yaml:"ca"`          // the hub's CA, PEM
	Certificate string       `yaml:"certificate"` // the sensor's own, PEM
	Key         string       `yaml:"key"`
	Proxy       proxyAddress `yaml:"proxy"` // http://[user:password@]proxy:3128, for HTTP CONNECT; direct; empty: the environment's
}

type captureSettings struct {
	Domains    []domainSettings `yaml:"domains"` // observation domains, each of one or more interfaces
	Interfaces []string         `yaml:"interfaces"`
	Files      []string         `yaml:"files"` // read these instead, and end
	Domain     uint32           `yaml:"domain"`
	RingBytes  config.Bytes     `yaml:"ring_bytes"`
	Workers    int              `yaml:"workers"`
	Filter     string           `yaml:"filter"`
	Simulate   string           `yaml:"simulate"` // generated traffic of a scenario instead

	VLANs           []uint16 `yaml:"vlans"`            // that the mirror should carry, 0 for untagged; for check
	UplinkInterface string   `yaml:"uplink_interface"` // for the report on capture interfaces that could transmit
}

type domainSettings struct {
	Domain     uint32   `yaml:"domain"`
	Interfaces []string `yaml:"interfaces"`
}

type spoolSettings struct {
	Dir      string       `yaml:"dir"` // empty: batches wait in memory and do not outlast the process
	MaxBytes config.Bytes `yaml:"max_bytes"`
	Fsync    spool.Fsync  `yaml:"fsync"` // batch, or an interval such as 200ms
}

type uplinkSettings struct {
	Rate []rateSettings `yaml:"rate"` // by the sensor's local time of day; outside there is no ceiling
}

type rateSettings struct {
	From uplink.Clock `yaml:"from"`
	To   uplink.Clock `yaml:"to"`
	Max  config.Bytes `yaml:"max"` // a second
}

type privacySettings struct {
	Networks []networkSettings `yaml:"networks"`
}

type networkSettings struct {
	Prefix netip.Prefix `yaml:"prefix"`
	VLAN   uint16       `yaml:"vlan"`
	Domain uint32       `yaml:"domain"`
	Mode   string       `yaml:"mode"` // full, counts, none
}

type limitSettings struct {
	Flows       int          `yaml:"flows"`
	Claims      int          `yaml:"claims"`
	Reassembly  config.Bytes `yaml:"reassembly"`
	UplinkQueue config.Bytes `yaml:"uplink_queue"`
}

type metricSettings struct {
	Listen string `yaml:"listen"`
}

type logSettings struct {
	Level string `yaml:"level"`
	JSON  bool   `yaml:"json"`
}

func defaultSettings() *settings {
	stages := pipeline.DefaultConfig()
	s := &settings{}
	s.Capture.RingBytes, s.Capture.Workers, s.Capture.Domain = config.Bytes(afpacket.DefaultConfig().RingBytes), 1, 1
	s.Limits = limitSettings{
		Flows: stages.Track.MaxFlows, Claims: stages.Observe.MaxClaims, Reassembly: config.Bytes(stages.Track.ReassemblyBytes), UplinkQueue: 64 << 20,
	}
	s.Spool.MaxBytes = config.Bytes(spool.DefaultConfig().MaxBytes)
	s.Log.Level, s.Hub.Transport = "info", transportAuto
	return s
}

// Validate says everything that is wrong at once.
func (s *settings) Validate() error {
	errs := []error{s.checkIdentity(), s.checkCapture(), s.checkUplink()}
	for i, n := range s.Privacy.Networks {
		if !slices.Contains([]string{"full", "counts", "none"}, n.Mode) {
			errs = append(errs, config.Field(fmt.Sprintf("privacy.networks[%d].mode", i), n.Mode, "full, counts or none"))
		}
		if !n.Prefix.IsValid() && n.VLAN == 0 && n.Domain == 0 {
			errs = append(errs, config.Field(fmt.Sprintf("privacy.networks[%d]", i), "", "a prefix, a vlan or a domain"))
		}
	}
	if s.Limits.Flows < 1024 {
		errs = append(errs, config.Field("limits.flows", s.Limits.Flows, "at least 1024"))
	}
	if s.Limits.Claims < 1024 {
		errs = append(errs, config.Field("limits.claims", s.Limits.Claims, "at least 1024"))
	}
	if s.Limits.UplinkQueue < 4<<20 {
		errs = append(errs, config.Field("limits.uplink_queue", int64(s.Limits.UplinkQueue), "at least 4MiB"))
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, s.Log.Level) {
		errs = append(errs, config.Field("log.level", s.Log.Level, "debug, info, warn or error"))
	}
	return errors.Join(errs...)
}

func (s *settings) checkIdentity() error {
	var errs []error
	for key, id := range map[string]string{"site": s.Site, "sensor": s.Sensor} {
		if err := model.CheckID(key, id); err != nil {
			errs = append(errs, config.Field(key, id, "1 to 32 of a-z, 0-9 and '-'"))
		}
	}
	errs = append(errs, s.checkWays())
	for key, value := range map[string]string{"hub.ca": s.Hub.CA, "hub.certificate": s.Hub.Certificate, "hub.key": s.Hub.Key} {
		if value == "" {
			errs = append(errs, config.Field(key, value, "set; `wardscope sensors add` writes a file that has it"))
		}
	}
	for key, file := range map[string]string{"hub.ca": s.Hub.CA, "hub.certificate": s.Hub.Certificate, "hub.key": s.Hub.Key} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(s.beside(file)); err != nil {
			errs = append(errs, config.Field(key, file, "a file that can be read"))
		}
	}
	return errors.Join(errs...)
}

// minSpool holds what may be in flight, 64 batches of up to 1 MiB, as often again.
const minSpool = 128 << 20

func (s *settings) checkUplink() error {
	var errs []error
	if s.Spool.Dir != "" && s.Spool.MaxBytes < minSpool {
		errs = append(errs, config.Field("spool.max_bytes", int64(s.Spool.MaxBytes), "at least 128MiB"))
	}
	for i, r := range s.Uplink.Rate {
		if r.Max < 1000 {
			errs = append(errs, config.Field(fmt.Sprintf("uplink.rate[%d].max", i), int64(r.Max), "at least 1kB, meant a second"))
		}
	}
	return errors.Join(errs...)
}

func (s *settings) checkCapture() error {
	c := &s.Capture
	ways := 0
	for _, given := range []bool{len(c.Interfaces)+len(c.Domains) > 0, len(c.Files) > 0, c.Simulate != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return config.Field("capture", "", "exactly one of interfaces (or domains), files, simulate")
	}
	for _, d := range s.domains() {
		a := afpacket.DefaultConfig()
		a.Interfaces, a.Workers, a.RingBytes, a.Filter = d.Interfaces, c.Workers, int(c.RingBytes), c.Filter
		if err := a.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// domains lists the observation domains that are captured live.
func (s *settings) domains() []domainSettings {
	domains := slices.Clone(s.Capture.Domains)
	if len(s.Capture.Interfaces) > 0 {
		domains = append(domains, domainSettings{Domain: s.Capture.Domain, Interfaces: s.Capture.Interfaces})
	}
	return domains
}

// stages is the pipeline's part of the settings.
func (s *settings) stages() pipeline.Config {
	c := pipeline.DefaultConfig()
	c.Workers = s.Capture.Workers
	c.Track.MaxFlows, c.Track.ReassemblyBytes, c.Observe.MaxClaims = s.Limits.Flows, int(s.Limits.Reassembly), s.Limits.Claims
	for _, n := range s.Privacy.Networks {
		c.Observe.Privacy = append(c.Observe.Privacy, observe.Network{Prefix: n.Prefix, VLAN: n.VLAN, Domain: model.DomainID(n.Domain), Mode: observe.Mode(n.Mode)})
	}
	return c
}
