package inventory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/state"
)

const twoCarts = `
bind a 00:03:b1:00:00:01 10.0.0.5
sent a 00:03:b1:00:00:01 10.0.0.5
bind a 00:09:5c:00:00:02 10.0.0.6
sent a 00:09:5c:00:00:02 10.0.0.6
claim a 00:09:5c:00:00:02 10.0.0.6 os smb.native_os Windows 5.1
`

func anchor(t *testing.T, link, ipText string) state.Anchor {
	t.Helper()
	return state.Anchor{Realm: "a", MAC: mac(t, link), Addr: ip(t, ipText)}
}

func TestAPersonJoinsAndSplits(t *testing.T) {
	first, second := anchor(t, "00:03:b1:00:00:01", ""), anchor(t, "00:09:5c:00:00:02", "")
	address := anchor(t, "", "10.0.0.6")
	for _, c := range []struct {
		name string
		log  []state.Correction
		want []string
	}{
		{"joined", []state.Correction{{ID: 1, Kind: state.CorrectionJoin, Subject: second, Others: []state.Anchor{first}}},
			[]string{"a: 00:00:01,00:00:02 / 10.0.0.5,10.0.0.6"}},
		{"an address split off its link address", []state.Correction{{ID: 1, Kind: state.CorrectionSplit, Subject: address, Others: []state.Anchor{second}}},
			[]string{"a: / 10.0.0.6 behind", "a: 00:00:01 / 10.0.0.5", "a: 00:00:02 /"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := world(t, twoCarts)
			in.Decisions = correction.New(c.log)
			inv := inventory.Resolve(in, set(t))
			got := identities(inv)
			for i := range got {
				got[i] = squeeze(got[i])
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c.name == "joined" && (inv.Device(correction.Endpoint(first).ID()) == nil || inv.Device(correction.Endpoint(first).ID()) != inv.Device(correction.Endpoint(second).ID())) {
				t.Error("the id before the join leads nowhere")
			}
			if d := inv.At("a", ip(t, "10.0.0.6"), 0, day); d == nil || d.Endpoints[0].ID() != d.ID {
				t.Errorf("device at 10.0.0.6: %+v", d)
			}
		})
	}
}

func TestAPersonCorrects(t *testing.T) {
	second := anchor(t, "00:09:5c:00:00:02", "")
	in := world(t, twoCarts)
	change := func(id uint64, name, value string) state.Correction {
		return state.Correction{ID: id, Kind: state.CorrectionSet, Subject: second, Attribute: name, Value: value}
	}
	in.Decisions = correction.New([]state.Correction{change(1, "type", "infusion-pump"), change(2, "os", "Windows 10 1607 LTSB"), change(3, "department", "icu"),
		change(4, "labels", "loan, spare")})
	d := inventory.Resolve(in, set(t)).At("a", ip(t, "10.0.0.6"), 0, day)
	if d.Type != "infusion-pump" || d.Category != "medical" || d.OS != "Windows 10 1607 LTSB" || d.Department != "icu" {
		t.Errorf("got %s %s %s %s", d.Type, d.Category, d.OS, d.Department)
	}
	os := d.Attribute(inventory.AttrOS)
	if len(os.Conflicts) == 0 || os.Conflicts[0] != "Windows XP" || os.Evidence[0].Source != inventory.Decided || os.Evidence[0].Rule != "decision-2" || len(os.Evidence) < 2 {
		t.Errorf("os: %+v", os)
	}
	if diff := cmp.Diff([]string{"loan", "spare"}, d.Field("label")); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// squeeze writes each run of blanks as one.
func squeeze(s string) string { return strings.TrimSpace(strings.Join(strings.Fields(s), " ")) }
