package knowledge_test

import (
	"os"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/internal/knowledge"
	"github.com/wardscope/wardscope/internal/model"
)

func TestVendor(t *testing.T) {
	for _, c := range []struct{ mac, want string }{
		{"00:09:5c:01:02:03", "Philips"}, {"00:10:5d:00:00:01", "Dr"}, {"00:0c:29:b5:b6:48", "VMware"}, {"70:b3:d5:36:a0:01", "Becton"},
		{"02:00:00:00:00:01", ""}, {"01:00:5e:00:00:fb", ""}, {"00:00:00:00:00:00", ""},
	} {
		m, err := model.ParseMAC(c.mac)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := knowledge.Vendor(m); ok != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("Vendor(%s) = %q, %v, want %q", c.mac, got, ok, c.want)
		}
	}
}

func TestBundledTablesStaySmall(t *testing.T) {
	for _, name := range []string{"oui.tsv.zst", "credentials.tsv"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < 10_000 || info.Size() > 1_500_000 {
			t.Errorf("%s has %d bytes", name, info.Size())
		}
	}
}

func TestMatchDefault(t *testing.T) {
	for _, c := range []struct {
		user, password string
		want           bool
	}{{"admin", "admin", true}, {"ADMIN", "admin", true}, {"admin", "ADMIN-not-a-default-9", false}, {"", "", false}} {
		got, ok := knowledge.MatchDefault(c.user, c.password)
		if ok != c.want || ok && (got.ID == "" || got.Products == "") {
			t.Errorf("MatchDefault(%q, …) = %+v, %v", c.user, got, ok)
		}
	}
	for community, want := range map[string]bool{"public": true, "private": true, "x7!kk-unlisted": false} {
		if _, ok := knowledge.MatchCommunity(community); ok != want {
			t.Errorf("MatchCommunity(%q) = %v", community, ok)
		}
	}
	if knowledge.Digest("a", "b") == knowledge.Digest("ab", "") {
		t.Error("user and password run together")
	}
}

// The table must be of no use as a word list.
func TestTableHoldsNoCredential(t *testing.T) {
	raw, err := os.ReadFile("credentials.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		digest, products, ok := strings.Cut(line, "\t")
		if !ok || len(digest) != 32 || strings.Trim(digest, "0123456789abcdef") != "" || products == "" {
			t.Fatalf("line %q is not a digest and a product", line)
		}
	}
}

func TestAccountClass(t *testing.T) {
	for user, want := range map[string]string{"": "empty", "anonymous": "anonymous", "root": "administrator", "svc-backup": "service", "jdoe": "other"} {
		if got := knowledge.AccountClass(user); got != want {
			t.Errorf("AccountClass(%q) = %s, want %s", user, got, want)
		}
	}
}
