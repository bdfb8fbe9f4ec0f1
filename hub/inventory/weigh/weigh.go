package weigh

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/internal/model"
)

const (
	// maxConfidence is the most that any amount of agreeing evidence gives: sensors see claims,
	// and claims can lie.
	maxConfidence = 0.98
	// maxEvidence bounds what is kept behind one value, strongest first.
	maxEvidence = 12
	// clearLead is by how much a type must beat the next to be told: below it two answers are
	// equally good, and no answer is better.
	clearLead = 0.05
	// fairType is from what confidence on a type decides a category that is not clear.
	fairType = 0.4
)

// calibration are the points between which a score (what the weights add up to) is told as a
// probability. Both were counted on labelled captures and simulated hospitals with `make eval`;
// what is told stays a little below, since the rules were written with those captures at hand.
var calibration = [][2]float64{{0, 0.25}, {0.3, 0.6}, {0.4, 0.88}, {0.6, 0.93}, {0.8, 0.96}, {1, 0.985}}

// calibrated is the probability that an answer of this score is right.
func calibrated(score float64) float64 {
	for i := 1; i < len(calibration); i++ {
		a, b := calibration[i-1], calibration[i]
		if score <= b[0] {
			return math.Round((a[1]+(b[1]-a[1])*(score-a[0])/(b[0]-a[0]))*1000) / 1000
		}
	}
	return calibration[len(calibration)-1][1]
}

// Names of the attributes that are weighed by rules of their own.
const (
	Hostname = "hostname"
	Domain   = "domain"
	Model    = "model"
	OS       = "os"
	Serial   = "serial"
	Type     = "type"
	Category = "category"
)

// Evidence leads back to what was observed.
type Evidence struct {
	Source      string // protocol and field, or rule id and field
	Rule        string // rule that read it; "" when the claim says it outright
	Value       string
	Weight      float64 // what it is worth alone, 0 to 1
	Addr        model.Addr
	MAC         model.MAC
	Site        model.SiteID
	Realm       model.Realm
	Sensors     []model.SensorID
	First, Last int64
	Count       uint64
}

// Attribute is one conclusion about a device, with its grounds.
type Attribute struct {
	Name       string
	Value      string
	Confidence float64    // 0 to 1
	Evidence   []Evidence // strongest first
	Conflicts  []string   // other values that were claimed, strongest first
}

// Fact is a claim, or something a flow or a link address shows, in the form that rules read.
type Fact struct {
	knowledge.Fact
	Addr        model.Addr
	MAC         model.MAC
	Site        model.SiteID
	Realm       model.Realm
	Sensors     []model.SensorID
	First, Last int64
	Count       uint64
}

// candidate is one value of an attribute with what speaks for it.
type candidate struct {
	shown    map[string]float64 // spellings, by their best weight
	families map[string]float64 // weight by family of sources: one source said twice proves no more
	evidence map[evidenceKey]*Evidence
}

type evidenceKey struct{ source, rule, value string }

// Weigher gathers what is said about one device.
type Weigher struct {
	set   *knowledge.Set
	attrs map[string]map[string]*candidate // attribute → compared form → candidate
}

// New returns a weigher that knows nothing of its device.
func New(set *knowledge.Set) *Weigher {
	return &Weigher{set: set, attrs: map[string]map[string]*candidate{}}
}

// serialMarks are left out when serial numbers are compared.
var serialMarks = strings.NewReplacer("-", "", ":", "", " ", "")

// Compared is the form in which two spellings of a value are the same value.
func Compared(attr, v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	switch attr {
	case Hostname:
		v, _, _ = strings.Cut(strings.TrimSuffix(v, "."), ".")
	case Serial:
		v = serialMarks.Replace(strings.TrimPrefix(v, "0x"))
	case Domain:
		v = strings.TrimSuffix(v, ".")
	}
	return v
}

// shown is how a value is told.
func shown(attr, v string) string {
	if attr != Hostname {
		return v
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(v, "."), ".")
	return name
}

// Usable refuses host names that are addresses or service labels, and operating systems of which
// only a number is told.
func Usable(attr, v string) bool {
	if attr == OS {
		name := strings.TrimLeft(v, "vV")
		return name != "" && (name[0] < '0' || name[0] > '9')
	}
	if attr != Hostname {
		return v != ""
	}
	if _, err := model.ParseAddr(v); err == nil {
		return false
	}
	return v != "" && !strings.HasPrefix(v, "_") && !strings.HasSuffix(v, ".arpa") && !strings.ContainsAny(v, "*<")
}

// Add notes what a fact says.
func (w *Weigher) Add(f *Fact) {
	for _, o := range w.set.Read(f.Fact) {
		if !Usable(o.Attr, o.Value) {
			continue
		}
		key := Compared(o.Attr, o.Value)
		if key == "" {
			continue
		}
		cs := w.attrs[o.Attr]
		if cs == nil {
			cs = map[string]*candidate{}
			w.attrs[o.Attr] = cs
		}
		c := cs[key]
		if c == nil {
			c = &candidate{shown: map[string]float64{}, families: map[string]float64{}, evidence: map[evidenceKey]*Evidence{}}
			cs[key] = c
		}
		c.add(f, o)
	}
}

// family is what sources have in common that rest on the same bytes: the protocol, or the rule's
// topic for what flows and link addresses show.
func family(source string) string {
	p, _, _ := strings.Cut(source, ".")
	return p
}

func (c *candidate) add(f *Fact, o knowledge.Outcome) {
	text := shown(o.Attr, o.Value)
	c.shown[text] = max(c.shown[text], o.Weight)
	fam := cmp.Or(o.Topic, family(f.Source))
	c.families[fam] = max(c.families[fam], o.Weight)
	k := evidenceKey{f.Source, o.Rule, f.Value}
	e := c.evidence[k]
	if e == nil {
		c.evidence[k] = &Evidence{Source: f.Source, Rule: o.Rule, Value: f.Value, Weight: o.Weight, Addr: f.Addr, MAC: f.MAC,
			Site: f.Site, Realm: f.Realm, Sensors: sortedSensors(nil, f.Sensors), First: f.First, Last: f.Last, Count: f.Count}
		return
	}
	e.First, e.Last, e.Count = min(e.First, f.First), max(e.Last, f.Last), e.Count+f.Count
	e.Sensors = sortedSensors(e.Sensors, f.Sensors)
	if later := cmp.Or(cmp.Compare(e.realm(), f.at()), cmp.Compare(f.Addr.Hi, e.Addr.Hi), cmp.Compare(f.Addr.Lo, e.Addr.Lo)); later > 0 {
		e.Addr, e.MAC, e.Site, e.Realm = f.Addr, f.MAC, f.Site, f.Realm
	}
}

func sortedSensors(a, b []model.SensorID) []model.SensorID {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// realm and at order the places of equal evidence, so that the one kept does not depend on the
// order of arrival.
func (e *Evidence) realm() string {
	return string(e.Realm) + "|" + string(e.Site) + "|" + e.MAC.String()
}
func (f *Fact) at() string { return string(f.Realm) + "|" + string(f.Site) + "|" + f.MAC.String() }

// confidence adds independent families up (noisy or), capped.
func (c *candidate) confidence() float64 {
	weights := make([]float64, 0, len(c.families))
	for _, w := range c.families {
		weights = append(weights, w)
	}
	slices.Sort(weights) // a fixed order gives the same bits whatever arrived first
	miss := 1.0
	for _, w := range weights {
		miss *= 1 - w
	}
	return min(math.Round((1-miss)*1000)/1000, maxConfidence)
}

// value is the spelling with the best grounds.
func (c *candidate) value() string {
	best, weight := "", -1.0
	for v, w := range c.shown {
		if w > weight || w == weight && (len(v) > len(best) || len(v) == len(best) && v < best) {
			best, weight = v, w
		}
	}
	return best
}

func (c *candidate) sorted() []Evidence {
	out := make([]Evidence, 0, len(c.evidence))
	for _, e := range c.evidence {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Source, b.Source), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), maxEvidence)]
}

// absorb lets a less exact value support the more exact one that it leaves open: "Windows" and
// "Windows 7 / Windows 8" speak for "Windows 7", and are no conflict with it. Where two more exact
// values compete it helps neither.
func absorb(cs map[string]*candidate) {
	keys := slices.SortedFunc(maps.Keys(cs), func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	for _, open := range keys {
		into := ""
		for _, exact := range keys {
			if _, there := cs[exact]; !there || !leavesOpen(open, exact) {
				continue
			}
			if into != "" && !strings.HasPrefix(exact, into) && !leavesOpen(into, exact) {
				into = ""
				break
			}
			into = exact
		}
		if into == "" {
			continue
		}
		for fam, weight := range cs[open].families {
			cs[into].families[fam] = max(cs[into].families[fam], weight)
		}
		maps.Copy(cs[into].evidence, cs[open].evidence)
		delete(cs, open)
	}
}

// kernel ends the names of systems of which the kernel says less than the name.
const kernel = " (linux)"

// leavesOpen reports that exact is one of the things that open may mean.
func leavesOpen(open, exact string) bool {
	if open == exact {
		return false
	}
	if name, ok := strings.CutSuffix(exact, kernel); ok {
		open = strings.TrimSuffix(open, kernel)
		return open == strings.Trim(kernel, " ()") || strings.HasPrefix(name, open+".") || leavesOpen(open, name)
	}
	if exacts := strings.Split(exact, " / "); len(exacts) > 1 {
		return !slices.ContainsFunc(exacts, func(e string) bool { return !leavesOpen(open, e) })
	}
	choices := strings.Split(open, " / ")
	return slices.ContainsFunc(choices, func(c string) bool {
		return len(choices) > 1 && exact == c || strings.HasPrefix(exact, c+" ") || len(choices) == 1 && strings.HasSuffix(exact, " "+c)
	})
}

// Conclude turns the candidates into attributes, sorted by name. A type that contradicts the
// winning category is no answer, and neither is one without a clear lead.
func (w *Weigher) Conclude() []Attribute {
	var out []Attribute
	names := slices.Sorted(maps.Keys(w.attrs))
	for _, name := range names {
		if name == OS || name == Model {
			absorb(w.attrs[name])
		}
		out = append(out, rank(name, w.attrs[name]))
	}
	out = settleType(out, w.set)
	for i := range out {
		if out[i].Value == "" {
			out[i].Confidence = 0
			continue
		}
		out[i].Confidence = calibrated(out[i].Confidence)
	}
	return out
}

func rank(name string, cs map[string]*candidate) Attribute {
	keys := slices.Sorted(maps.Keys(cs))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(cs[b].confidence(), cs[a].confidence()) })
	best := cs[keys[0]]
	a := Attribute{Name: name, Value: best.value(), Confidence: best.confidence(), Evidence: best.sorted()}
	for _, k := range keys[1:] {
		a.Conflicts = append(a.Conflicts, cs[k].value())
	}
	if len(keys) > 1 {
		// Contradiction takes from the winner what speaks for the others.
		a.Confidence = math.Round(a.Confidence*(1-cs[keys[1]].confidence()/2)*1000) / 1000
		if (name == Type || name == Category) && best.confidence()-cs[keys[1]].confidence() < clearLead {
			a.Conflicts = append([]string{a.Value}, a.Conflicts...)
			a.Value = ""
		}
	}
	return a
}

// settleType lets type and category agree: a clear type decides the category.
func settleType(attrs []Attribute, set *knowledge.Set) []Attribute {
	var typ, cat *Attribute
	for i := range attrs {
		switch attrs[i].Name {
		case Type:
			typ = &attrs[i]
		case Category:
			cat = &attrs[i]
		}
	}
	if typ == nil || cat == nil || typ.Value == "" {
		return attrs
	}
	switch want := set.Category(typ.Value); {
	case cat.Value == want:
	case cat.Value == "" && typ.Confidence < fairType:
		typ.Conflicts = append([]string{typ.Value}, typ.Conflicts...)
		typ.Value = ""
	case cat.Value == "" || typ.Confidence >= cat.Confidence:
		if cat.Value != "" {
			cat.Conflicts = append([]string{cat.Value}, cat.Conflicts...)
		}
		cat.Conflicts = slices.DeleteFunc(cat.Conflicts, func(v string) bool { return v == want })
		cat.Value, cat.Evidence = want, typ.Evidence
		cat.Confidence = typ.Confidence
	default:
		typ.Conflicts = append([]string{typ.Value}, typ.Conflicts...)
		typ.Value = ""
	}
	return attrs
}
