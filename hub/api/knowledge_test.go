package api_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory/pack"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

const ownAdvisories = "# a site's own\t2026-11-20\t2026-11-20\nOWN-1\tCVE-2026-1\t9.8\tyes\tMicrosoft\tWindows XP\tvers:all/*\tno\tno\n"

func signedPack(t *testing.T, text string, key ed25519.PrivateKey) []byte {
	t.Helper()
	var out bytes.Buffer
	m := pack.Manifest{Name: "own", Version: "1", Date: "2026-11-20", Publisher: "tests",
		Tables: []pack.Table{{File: "a.tsv", Kind: "advisories", Source: "a site's own", Licence: "none", Date: "2026-11-20"}}}
	if err := pack.Write(&out, m, map[string][]byte{"a.tsv": []byte(text)}, key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// knowing serves the small hospital with a library of packs that trusts one key.
func knowing(t *testing.T) (*hub, ed25519.PrivateKey) {
	t.Helper()
	h := start(t)
	own, err := advisory.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	trust, err := pack.ParseTrust([]string{base64.StdEncoding.EncodeToString(key[ed25519.SeedSize:])})
	if err != nil {
		t.Fatal(err)
	}
	var used atomic.Pointer[advisory.Pack]
	library := pack.New(pack.Config{Dir: t.TempDir(), Trust: trust}, map[string]pack.Kind{"advisories": {
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
				if p, err := advisory.ReadAny(raw); err == nil {
					all = append(all, p)
				}
			}
			used.Store(advisory.Merge(all...))
		},
		BuiltIn: pack.Table{Kind: "advisories", Source: own.Source, Date: own.AsOf},
		Base:    func() (map[string]string, error) { return own.Records(), nil },
	}}, slog.New(slog.DiscardHandler))
	deps := h.deps
	deps.Library, deps.Advisories = library, used.Load
	serve(t, h, deps)
	return h, key
}

func TestKnowledge(t *testing.T) {
	h, key := knowing(t)
	c := h.dial(t, secret).Knowledge
	list, err := c.ListKnowledge(t.Context(), &hubv1.ListKnowledgeRequest{})
	if err != nil || len(list.GetTables()) != 1 || !list.GetTables()[0].GetStale() || list.GetTables()[0].GetDate() != "2024-10-24" || len(list.GetTrustedKeys()) != 1 {
		t.Fatalf("list: %v, %v", list, err)
	}
	about := func(ip string) *hubv1.GetDeviceAdvisoriesResponse {
		t.Helper()
		got, err := c.GetDeviceAdvisories(t.Context(), &hubv1.GetDeviceAdvisoriesRequest{Id: h.keeper.Current().At("wan", addr(t, ip), 0, 0).ID})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := about("10.1.7.6"); got.GetSummary() != "no advisory found as of 2024-10-24" || !got.GetStale() {
		t.Errorf("before: %v", got)
	}
	raw := signedPack(t, ownAdvisories, key)
	for _, dry := range []bool{true, false} {
		got, err := c.ImportPack(t.Context(), &hubv1.ImportPackRequest{Content: raw, DryRun: dry})
		if err != nil || got.GetTables()[0].GetAddedCount() != 1 || got.GetTables()[0].GetAdded()[0] != "OWN-1" || got.GetKey() == "" {
			t.Fatalf("import, dry %v: %v, %v", dry, got, err)
		}
		if list, err := c.ListKnowledge(t.Context(), &hubv1.ListKnowledgeRequest{}); err != nil || len(list.GetTables()) != map[bool]int{true: 1, false: 2}[dry] {
			t.Errorf("after, dry %v: %v, %v", dry, list, err)
		}
	}
	if own, err := advisory.Builtin(); err != nil || h.deps.Advisories().AsOf != own.AsOf || len(h.deps.Advisories().Records()) != len(own.Records())+1 {
		t.Errorf("a site's own advisory changed the date of all others: %v", err)
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	for name, bad := range map[string][]byte{"another key": signedPack(t, ownAdvisories, other), "no pack": []byte("x"), "no table": signedPack(t, "nothing", key)} {
		if _, err := c.ImportPack(t.Context(), &hubv1.ImportPackRequest{Content: bad}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.RemovePack(t.Context(), &hubv1.RemovePackRequest{Name: "own"}); err != nil {
		t.Error(err)
	}
	if _, err := c.RemovePack(t.Context(), &hubv1.RemovePackRequest{Name: "own"}); status.Code(err) != codes.NotFound {
		t.Errorf("removed twice: %v", err)
	}
	if code, body := h.at(t, time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)).ask(t, "GET", "/v1/knowledge", "", secret); code != 200 || strings.Contains(body, `"stale"`) {
		t.Errorf("fresh knowledge is flagged: %d %s", code, body)
	}
}
