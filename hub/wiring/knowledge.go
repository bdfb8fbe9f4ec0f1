package wiring

import (
	"path/filepath"
	"sync/atomic"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory/pack"
	oui "github.com/wardscope/wardscope/internal/knowledge"
)

// KnowledgeConfig says where knowledge packs lie and who may sign them.
type KnowledgeConfig struct {
	Dir   string   `yaml:"dir"`   // folder of packs; empty is knowledge below the data directory
	Trust []string `yaml:"trust"` // public keys in base64; without one no pack is taken
	Rules string   `yaml:"rules"` // folder of a site's own rules; empty is that of the packs
}

// library is the packs in use and what they bring.
type library struct {
	*pack.Library
	advisories atomic.Pointer[advisory.Pack]
}

// packs is the folder of knowledge packs.
func (c *Config) packs() string {
	if c.Knowledge.Dir != "" {
		return c.Knowledge.Dir
	}
	return filepath.Join(c.DataDir, knowledgeDir)
}

// ownRules is the folder of a site's own rules.
func (c *Config) ownRules() string {
	if c.Knowledge.Rules != "" {
		return c.Knowledge.Rules
	}
	return c.packs()
}

// newLibrary reads nothing but what the program carries; changed is called when packs change it.
func (h *Hub) newLibrary(changed func()) (*library, error) {
	trust, err := pack.ParseTrust(h.cfg.Knowledge.Trust)
	if err != nil {
		return nil, err
	}
	own, err := advisory.Builtin()
	if err != nil {
		return nil, err
	}
	l := &library{}
	l.Library = pack.New(pack.Config{Dir: h.cfg.packs(), Trust: trust}, map[string]pack.Kind{
		"advisories": {
			Check: func(raw []byte) (map[string]string, error) {
				p, err := advisory.ReadAny(raw)
				if err != nil {
					return nil, err
				}
				return p.Records(), nil
			},
			Take: func(tables [][]byte) {
				all := []*advisory.Pack{own}
				for _, raw := range tables {
					if p, err := advisory.ReadAny(raw); err == nil { // it was checked before
						all = append(all, p)
					}
				}
				l.advisories.Store(advisory.Merge(all...))
				changed()
			},
			BuiltIn: pack.Table{Kind: "advisories", Source: own.Source, Licence: "US government work", Date: own.AsOf, Records: len(own.Records())},
			Base:    func() (map[string]string, error) { return own.Records(), nil },
		},
		"exploited":      {BuiltIn: pack.Table{Kind: "exploited", Source: "CISA known exploited vulnerabilities", Licence: "CC0-1.0", Date: own.KEVOf}},
		"link-addresses": {BuiltIn: pack.Table{Kind: "link-addresses", Source: "IEEE registries by way of oui-data", Licence: "BSD-2-Clause", Date: oui.OUIDate}},
		"credentials": {BuiltIn: pack.Table{Kind: "credentials", Source: "published default credentials (digests), DefaultCreds-cheat-sheet", Licence: "MIT",
			Date: oui.CredentialsDate}},
	}, h.log)
	return l, nil
}
