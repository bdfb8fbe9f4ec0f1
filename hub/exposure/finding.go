package exposure

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// Subject is what has to be fixed: a device, an address that is none, or a group of like devices.
type Subject struct {
	Device *inventory.Device // nil for an address that is no device, and for a group
	Group  string            // "14 infusion-pump", valid iff several devices are meant
	Realm  model.Realm
	Addr   model.Addr
	Site   model.SiteID
}

// Name is the subject's best name.
func (s *Subject) Name() string {
	switch {
	case s.Group != "":
		return s.Group
	case s.Device != nil:
		return s.Device.Name
	}
	return s.Addr.String()
}

// Finding is one weakness or exposure.
type Finding struct {
	ID          string
	Type        model.FindingType
	Rule        string
	RuleVersion uint32
	Severity    Severity
	Reason      string // why it has this severity
	Title       string
	Meaning     string // what it means and when it may be wrong
	Remedy      string
	Subject     Subject
	Devices     []string // ids of the devices concerned
	Service     string
	Port        uint16
	Protocol    uint8
	Detail      string // which default, versions or suites
	Peers       uint64 // distinct other ends; of several joined rows the most that one had
	Count       uint64
	First, Last time.Time
	CommunityID string
	Sensors     []model.SensorID
	Rows        []store.FindingCursor // the sensors' findings that it joins, for evidence and peers
	Evidence    []inventory.Evidence  // of findings that the hub makes itself
}

var idText = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

func makeID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return "f-" + idText.EncodeToString(sum[:])[:13]
}

var typeTitles = map[model.FindingType]string{
	model.FindingCleartextProtocol: "clear-text %s", model.FindingObsoleteProtocol: "obsolete %s", model.FindingWeakCrypto: "weak encryption of %s",
	model.FindingCleartextCredential: "readable login to %s", model.FindingDefaultCredential: "default login to %s", model.FindingWeakCredential: "weak login to %s",
	model.FindingAnonymousAccess: "anonymous access to %s", model.FindingNoAuthentication: "%s without login", model.FindingKnownVulnerableComponent: "known vulnerable part (%s)",
	model.FindingInternetInbound: "%s open to the internet", model.FindingExposedMedicalService: "clinical %s across the perimeter", model.FindingMedicalDataInClear: "clinical data by %s in clear text to the internet",
	model.FindingExternalCommunication: "talks to the internet by %s", model.FindingLegacyOS: "operating system past support",
	model.FindingKnownVulnerability: "published advisory", model.FindingNewDevice: "new on the network",
}

// dress gives a finding its severity and words.
func (rs *Ratings) dress(f *Finding) {
	if r := rs.rate(f); r != nil {
		f.Severity, f.Reason, f.Meaning, f.Remedy = r.severity, r.Reason, r.Meaning, r.Remedy
	}
	what := typeTitles[f.Type]
	if strings.Contains(what, "%s") {
		what = fmt.Sprintf(what, cmp.Or(f.Service, "an unknown service"))
	}
	f.Title = cmp.Or(what, strings.ReplaceAll(f.Type.String(), "_", " ")) + ": " + f.Subject.Name()
	if f.Detail != "" {
		f.Title += " (" + f.Detail + ")"
	}
}

// maxDetails is how many details a joined finding names.
const maxDetails = 4

// merge adds a finding of the same weakness on the same subject.
func (f *Finding) merge(o *Finding) {
	f.Count += o.Count
	f.Peers = max(f.Peers, o.Peers)
	if o.First.Before(f.First) {
		f.First = o.First
	}
	if o.Last.After(f.Last) {
		f.Last, f.CommunityID = o.Last, cmp.Or(o.CommunityID, f.CommunityID)
	}
	f.RuleVersion = max(f.RuleVersion, o.RuleVersion)
	f.Port = cmp.Or(f.Port, o.Port)
	f.Sensors = union(f.Sensors, o.Sensors)
	f.Devices = union(f.Devices, o.Devices)
	f.Rows = append(f.Rows, o.Rows...)
	f.Detail = joinDetails(f.Detail, o.Detail)
}

func union[T cmp.Ordered](a, b []T) []T {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func joinDetails(a, b string) string {
	all := map[string]bool{}
	for d := range strings.SplitSeq(a+", "+b, ", ") {
		if d != "" && d != "…" {
			all[d] = true
		}
	}
	var out []string
	for d := range all {
		out = append(out, d)
	}
	slices.Sort(out)
	if len(out) > maxDetails || strings.HasSuffix(a, "…") {
		out = append(out[:min(len(out), maxDetails)], "…")
	}
	return strings.Join(out, ", ")
}
