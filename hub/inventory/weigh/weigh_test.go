package weigh_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/weigh"
	"github.com/wardscope/wardscope/internal/model"
)

// rules are a small body of rules, so that these tests do not depend on what the program knows.
const rules = `
categories: {it: [server, workstation], medical: [infusion-pump, pacs]}
direct:
  - {kind: hostname, attribute: hostname, default: 0.5, sources: {dhcp: 0.8, nbns: 0.7}}
  - {kind: model, attribute: model, default: 0.7}
  - {kind: os, attribute: os, default: 0.6, sources: {smb: 0.8, http: 0.4}}
  - {kind: serial, attribute: serial, default: 0.8}
os:
  - {name: Windows 7, match: "^windows 7", origin: o, sample: windows 7}
  - {name: Debian 12 (Linux), match: "^debian 12", origin: o, sample: debian 12}
  - {name: Debian (Linux), match: "^debian", origin: o, sample: debian}
  - {name: Windows 7 / Windows 8, match: "^nt 6", origin: o, sample: nt 6}
rules:
  - {id: name.pump, kind: hostname, match: "^pump", set: {type: infusion-pump}, weight: 0.5, origin: o, sample: pump-1}
  - {id: offers.dicom, kind: offers, match: "^dicom$", set: {type: pacs}, weight: 0.5, origin: o, sample: dicom}
  - {id: offers.sql, kind: offers, match: "^sql$", set: {type: server}, weight: 0.7, topic: computer, origin: o, sample: sql}
  - {id: offers.ssh, kind: offers, match: "^ssh$", set: {category: it}, weight: 0.3, topic: computer, origin: o, sample: ssh}
  - {id: offers.rdp, kind: offers, match: "^rdp$", set: {category: it}, weight: 0.3, topic: computer, origin: o, sample: rdp}
`

func set(t *testing.T) *knowledge.Set {
	t.Helper()
	s, err := knowledge.Load(fstest.MapFS{"rules.yaml": {Data: []byte(rules)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// say reads "kind source value" as a fact.
func say(text string) weigh.Fact {
	f := strings.SplitN(text, " ", 3)
	return weigh.Fact{Fact: knowledge.Fact{Kind: f[0], Source: f[1], Value: f[2]}, Site: "a", Realm: "a", Sensors: []model.SensorID{"s1"}, First: 5, Last: 9, Count: 1}
}

func conclude(t *testing.T, lines ...string) map[string]weigh.Attribute {
	t.Helper()
	w := weigh.New(set(t))
	for _, l := range lines {
		f := say(l)
		w.Add(&f)
	}
	out := map[string]weigh.Attribute{}
	for _, a := range w.Conclude() {
		out[a.Name] = a
	}
	return out
}

func TestConclusions(t *testing.T) {
	for _, c := range []struct {
		name  string
		facts []string
		want  string // attribute=value|conflicts
	}{
		{"a name and a number that is none", []string{"hostname dhcp.12 pump-7.ward.example", "hostname dns.ptr 10.0.0.5", "hostname mdns.ptr _ipp._tcp"}, "hostname=pump-7|"},
		{"two spellings of one name", []string{"hostname dhcp.12 pump-7", "hostname nbns.name PUMP-7"}, "hostname=pump-7|"},
		{"what leaves open speaks for what is exact", []string{"os http.ua nt 6", "os smb.native windows 7 home"}, "os=Windows 7|"},
		{"a name of all speaks for one that leaves two open", []string{"os smb.native Windows", "os http.ua nt 6"}, "os=Windows 7 / Windows 8|"},
		{"kernel and distribution speak for the release", []string{"os smb.native debian 12.5", "os http.ua linux", "os ssh.x debian", "os ssh.y debian 12"}, "os=Debian 12.5 (Linux)|"},
		{"another distribution does not", []string{"os smb.native debian 12", "os http.ua ubuntu"}, "os=Debian 12 (Linux)|ubuntu"},
		{"a bare number is no system", []string{"os smb.native 10.1"}, "os=|"},
		{"two exact answers are a conflict", []string{"model a.x M1", "model b.y M1", "model c.z M2"}, "model=M1|M2"},
		{"equally good types are none", []string{"hostname dhcp.12 pump-7", "offers flow.offers dicom"}, "type=|infusion-pump,pacs"},
		{"a type decides its category", []string{"offers flow.offers sql", "offers flow.offers ssh"}, "category=it|"},
		{"a clear type wins over a category of elsewhere", []string{"offers flow.offers sql", "offers flow.offers sql", "hostname dhcp.12 pump-7"}, "type=server|infusion-pump"},
		{"serial numbers are compared without their marks", []string{"serial a.x 00-11-22", "serial b.y 001122"}, "serial=00-11-22|"},
	} {
		name, want, _ := strings.Cut(c.want, "=")
		a := conclude(t, c.facts...)[name]
		if got := a.Value + "|" + strings.Join(a.Conflicts, ","); got != want {
			t.Errorf("%s: got %q, want %q", c.name, got, want)
		}
		if a.Value == "" && a.Confidence != 0 {
			t.Errorf("%s: no answer with a confidence of %v", c.name, a.Confidence)
		}
	}
}

func TestIndependentSourcesAddUp(t *testing.T) {
	one, same, two := conclude(t, "model a.x M1"), conclude(t, "model a.x M1", "model a.y M1"), conclude(t, "model a.x M1", "model b.y M1")
	if one["model"].Confidence != same["model"].Confidence || two["model"].Confidence <= one["model"].Confidence {
		t.Errorf("one source %v, one source twice %v, two sources %v", one["model"].Confidence, same["model"].Confidence, two["model"].Confidence)
	}
	single, both := conclude(t, "offers flow.offers ssh"), conclude(t, "offers flow.offers ssh", "offers flow.offers rdp")
	if single["category"].Confidence != both["category"].Confidence {
		t.Errorf("two rules of one topic count twice: %v, %v", single["category"].Confidence, both["category"].Confidence)
	}
	if against := conclude(t, "model a.x M1", "model b.y M2", "model c.z M1"); against["model"].Confidence >= two["model"].Confidence {
		t.Errorf("contradiction takes nothing away: %v", against["model"].Confidence)
	}
}

func TestEvidenceIsBoundedAndMerged(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, "model p"+strconv.Itoa(i)+".x M1")
	}
	a := conclude(t, lines...)["model"]
	if len(a.Evidence) != 12 || a.Confidence > 0.985 {
		t.Errorf("got %d pieces and %v", len(a.Evidence), a.Confidence)
	}
	w := weigh.New(set(t))
	first, second := say("model a.x M1"), say("model a.x M1")
	second.Sensors, second.First, second.Last, second.Count = []model.SensorID{"s2"}, 1, 20, 3
	w.Add(&first)
	w.Add(&second)
	e := w.Conclude()[0].Evidence
	if len(e) != 1 || e[0].First != 1 || e[0].Last != 20 || e[0].Count != 4 || fmt.Sprint(e[0].Sensors) != "[s1 s2]" {
		t.Errorf("got %+v", e)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	lines := []string{"hostname dhcp.12 pump-7", "hostname nbns.name PUMP-7", "os http.ua nt 6", "os smb.native windows 7 home", "model a.x M1", "model b.y M2", "offers flow.offers sql",
		"offers flow.offers ssh", "offers flow.offers dicom", "serial a.x 00-11", "serial b.y 0012"}
	want := conclude(t, lines...)
	random := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		random.Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
		if diff := cmp.Diff(want, conclude(t, lines...)); diff != "" {
			t.Fatalf("another order (-want +got):\n%s", diff)
		}
	}
}
