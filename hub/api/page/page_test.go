package page_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/api/page"
)

type place struct {
	Name string `json:"n"`
	ID   int64  `json:"i"`
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		asked int32
		want  int
		ok    bool
	}{{0, 100, true}, {1, 1, true}, {1000, 1000, true}, {1001, 0, false}, {-1, 0, false}} {
		got, err := page.Size(c.asked)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%d: got %d, %v", c.asked, got, err)
		}
	}
}

func TestQueryTellsItsPartsApart(t *testing.T) {
	if page.Query("devices", "a", "bc") == page.Query("devices", "ab", "c") {
		t.Error("two queries have one name")
	}
	if first, again := page.Query("devices", "a"), page.Query("devices", "a"); first != again {
		t.Error("one query has two names")
	}
}

func TestPlaceComesBack(t *testing.T) {
	want := place{"a name with \" and ü", 1 << 60}
	query := page.Query("devices", `site="north"`)
	token, err := page.Seal(query, want)
	if err != nil {
		t.Fatal(err)
	}
	var got place
	if err := page.Open(token, query, &got); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	untouched := want
	if err := page.Open("", query, &untouched); err != nil || untouched != want {
		t.Errorf("the first page begins at %+v, %v", untouched, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	query := page.Query("devices", "")
	token, err := page.Seal(query, place{"x", 1})
	if err != nil {
		t.Fatal(err)
	}
	other := base64.RawURLEncoding.EncodeToString([]byte(`{"q":"` + query + `","a":["a","list"]}`))
	for _, c := range []struct{ name, token, query, want string }{
		{"no token of ours", "%%%", query, "is none that this hub gave out"},
		{"no JSON", "AAAA", query, "is none that this hub gave out"},
		{"another query", token, page.Query("flows", ""), "belongs to another query"},
		{"another version", other, query, "of another version"},
	} {
		var after place
		if err := page.Open(c.token, c.query, &after); err == nil || !strings.Contains(err.Error(), "page_token") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if _, err := page.Seal(query, func() {}); err == nil {
		t.Error("a place that cannot be written was sealed")
	}
}
