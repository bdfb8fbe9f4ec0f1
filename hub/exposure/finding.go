package exposure

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
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

// merged is one finding for all of the same weakness: on one subject, or on like ones.
func merged(same []*Finding) Finding {
	f := *same[0]
	if len(same) == 1 {
		return f
	}
	details := map[string]bool{}
	f.Sensors, f.Devices, f.Rows = nil, nil, nil
	for i, o := range same {
		if i > 0 {
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
		}
		f.Sensors, f.Devices, f.Rows = add(f.Sensors, o.Sensors), append(f.Devices, o.Devices...), append(f.Rows, o.Rows...)
		details[o.Detail] = true
	}
	f.Sensors, f.Devices = distinct(f.Sensors), distinct(f.Devices)
	f.Detail = joinDetails(details)
	return f
}

// add appends what is not there already, where few are expected.
func add[T comparable](to, some []T) []T {
	for _, v := range some {
		if !slices.Contains(to, v) {
			to = append(to, v)
		}
	}
	return to
}

func distinct[T cmp.Ordered](all []T) []T {
	slices.Sort(all)
	return slices.Compact(all)
}

// joinDetails names the first few of the details that a joined finding has.
func joinDetails(of map[string]bool) string {
	all := map[string]bool{}
	more := false
	for joined := range of {
		for d := range strings.SplitSeq(joined, ", ") {
			all[d] = true
			more = more || d == "…"
		}
	}
	delete(all, "")
	delete(all, "…")
	out := slices.Sorted(maps.Keys(all))
	if len(out) > maxDetails || more {
		out = append(out[:min(len(out), maxDetails)], "…")
	}
	return strings.Join(out, ", ")
}
