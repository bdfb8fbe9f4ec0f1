package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
	"github.com/wardscope/wardscope/sensor/capture/hospital"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// openFeeds opens what the configuration names. The second result reports whether the capture
// interfaces could transmit; it is nil without any.
func openFeeds(s *settings, log *slog.Logger) ([]pipeline.Feed, func() []model.Interface, error) {
	domain := model.DomainID(s.Capture.Domain)
	switch {
	case s.Capture.Simulate != "":
		source, err := openScenario(s.Capture.Simulate, s.Site, 0, domain)
		if err != nil {
			return nil, nil, &codedError{code: exitUsage, err: err}
		}
		return []pipeline.Feed{{Source: source, Domain: domain}}, nil, nil
	case len(s.Capture.Files) > 0:
		return []pipeline.Feed{{Source: pcapfile.New(domain, s.Capture.Files...), Domain: domain}}, nil, nil
	}
	return openInterfaces(s, log)
}

func openScenario(name, site string, seed uint64, domain model.DomainID) (*hospital.Source, error) {
	scenario, err := hospital.Load(name)
	if err != nil {
		return nil, err
	}
	if seed == 0 {
		seed = scenario.Seed
	}
	generator, err := hospital.New(scenario, site, seed)
	if err != nil {
		return nil, err
	}
	return hospital.NewSource(generator, domain), nil
}

func openInterfaces(s *settings, log *slog.Logger) (feeds []pipeline.Feed, silence func() []model.Interface, err error) {
	defer func() {
		if err != nil {
			for _, f := range feeds {
				err = errors.Join(err, f.Source.Close())
			}
		}
	}()
	var names []string
	for _, d := range s.domains() {
		cfg := afpacket.DefaultConfig()
		cfg.Interfaces, cfg.Domain, cfg.Workers = d.Interfaces, model.DomainID(d.Domain), s.Capture.Workers
		cfg.RingBytes, cfg.Filter = int(s.Capture.RingBytes), s.Capture.Filter
		sources, err := afpacket.Open(cfg)
		if err != nil {
			return feeds, nil, &codedError{code: exitMissing, err: err}
		}
		for _, src := range sources {
			feeds = append(feeds, pipeline.Feed{Source: src, Domain: cfg.Domain, Live: true})
		}
		names = append(names, d.Interfaces...)
	}
	if err := afpacket.DropPrivileges(); err != nil {
		return feeds, nil, &codedError{code: exitMissing, err: fmt.Errorf("drop privileges: %w", err)}
	}
	report := func() []model.Interface {
		var out []model.Interface
		for _, name := range names {
			state, err := afpacket.Silence(name, s.Capture.UplinkInterface)
			if err != nil {
				state = model.Interface{Name: name, Reasons: []string{err.Error()}}
			}
			if reason, remedy := afpacket.Offloads(name); reason != "" {
				state.Reasons, state.Remedies = append(state.Reasons, reason), append(state.Remedies, remedy)
			}
			out = append(out, state)
		}
		return out
	}
	for _, i := range report() {
		if reason, remedy := afpacket.Offloads(i.Name); reason != "" {
			log.Warn("capture interface merges frames", slog.String("interface", i.Name), slog.String("reason", reason), slog.String("remedy", remedy))
		}
		if !i.CanSend {
			log.Info("capture interface is silent", slog.String("interface", i.Name), slog.Bool("link_up", i.LinkUp))
			continue
		}
		log.Warn("capture interface could transmit", slog.String("interface", i.Name), slog.Any("reasons", i.Reasons), slog.Any("remedies", i.Remedies))
	}
	return feeds, report, nil
}
