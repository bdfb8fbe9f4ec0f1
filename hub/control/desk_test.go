package control_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/control"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

type wishes struct {
	wish    state.Wish
	bundles []state.Bundle
}

func (w *wishes) KeepBundle(_ context.Context, b state.Bundle) error {
	w.bundles = append(w.bundles, b)
	w.wish.Bundle = 0
	return nil
}

func (w *wishes) Wish(context.Context, model.SensorID) (state.Wish, error) { return w.wish, nil }
func (w *wishes) Configuration(_ context.Context, version uint64) (state.Configuration, error) {
	return state.Configuration{Version: version, Text: "log:\n  level: debug\n"}, nil
}

func TestAnswersWhatIsWanted(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	w := &wishes{}
	d := control.New(control.Deps{Wishes: w, Now: func() time.Time { return now }})
	from := mtls.Identity{Site: "north", Sensor: "n1"}
	ask := func(r *uplinkv1.Report) *uplinkv1.Answer {
		t.Helper()
		raw, err := proto.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = d.Answer(t.Context(), from, raw); err != nil {
			t.Fatal(err)
		}
		var a uplinkv1.Answer
		if err := proto.Unmarshal(raw, &a); err != nil {
			t.Fatal(err)
		}
		return &a
	}
	if a := ask(&uplinkv1.Report{Epoch: 1}); a.GetPause() || a.GetConfiguration() != 0 || a.GetRestartBeforeNs() != 0 || a.GetReceivedNs() != uint64(now.UnixNano()) {
		t.Errorf("nothing is wanted, the answer is %v", a)
	}
	w.wish = state.Wish{Pause: true, Configuration: 2, RestartBefore: now}
	a := ask(&uplinkv1.Report{Epoch: 1, ShedBatches: 3, ClockOffsetNs: int64(time.Hour)})
	if !a.GetPause() || a.GetConfiguration() != 2 || a.GetConfigurationYaml() == "" || a.GetRestartBeforeNs() != uint64(now.Add(time.Hour).UnixNano()) {
		t.Errorf("got %v; a restart counts by the sensor's clock, which is an hour ahead", a)
	}
	if r := d.Reports()["n1"]; !r.Shedding || r.Shed != 3 || !r.Received.Equal(now) {
		t.Errorf("report %+v", r)
	}
	for _, r := range []*uplinkv1.Report{{Configuration: 2}, {RefusedConfiguration: 2}} {
		if a := ask(r); a.GetConfigurationYaml() != "" || a.GetConfiguration() != 2 {
			t.Errorf("after %v the text is sent again: %v", r, a)
		}
	}
	w.wish = state.Wish{Bundle: 9}
	if a := ask(&uplinkv1.Report{}); a.GetSupportBundleNumber() != 9 {
		t.Errorf("a bundle is asked for, the answer is %v", a)
	}
	if a := ask(&uplinkv1.Report{SupportBundle: []byte("tar"), SupportBundleNumber: 9}); a.GetSupportBundleNumber() != 0 || len(w.bundles) != 1 || string(w.bundles[0].Archive) != "tar" || w.bundles[0].Sensor != "n1" {
		t.Errorf("the bundle came, the answer is %v, kept %v", a, w.bundles)
	}
	for name, bad := range map[string][]byte{"no report": {0xff}, "too long": make([]byte, 1<<20)} {
		if _, err := d.Answer(t.Context(), from, bad); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// A new certificate rides on the answer to a report, as its refusal does.
func TestCertificatesAreRenewed(t *testing.T) {
	from := mtls.Identity{Site: "north", Sensor: "n1"}
	d := control.New(control.Deps{Wishes: &wishes{}, Now: time.Now, Renew: func(_ context.Context, id mtls.Identity, request []byte) ([]byte, error) {
		if id != from || string(request) != "csr" {
			return nil, errors.New("not you")
		}
		return []byte("cert"), nil
	}})
	for request, want := range map[string]string{"csr": "cert ", "other": " not you", "": " "} {
		raw, err := proto.Marshal(&uplinkv1.Report{CertificateRequestPem: request})
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = d.Answer(t.Context(), from, raw); err != nil {
			t.Fatal(err)
		}
		var a uplinkv1.Answer
		if err := proto.Unmarshal(raw, &a); err != nil || a.GetCertificatePem()+" "+a.GetCertificateRefusal() != want {
			t.Errorf("%q: got %q %q, %v", request, a.GetCertificatePem(), a.GetCertificateRefusal(), err)
		}
	}
}

// Shares are taken over the last minutes, and begin anew with each boot of a sensor.
func TestReportsAreHeldAgainstEarlierOnes(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	d := control.New(control.Deps{Wishes: &wishes{}, Now: func() time.Time { return at }})
	say := func(epoch, packets, group uint64) {
		t.Helper()
		raw, err := proto.Marshal(&uplinkv1.Report{Epoch: epoch, Packets: packets, GroupPackets: group, Live: true, ExpectedVlans: []uint32{7}})
		if err == nil {
			_, err = d.Answer(t.Context(), mtls.Identity{Site: "north", Sensor: "n1"}, raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := at
	say(1, 100, 90)
	if r := d.Reports()["n1"]; r.SincePackets != 0 || r.Packets != 100 || r.Group != 90 || !r.Live || !r.LastPacket.Equal(begin) || len(r.Expected) != 1 {
		t.Errorf("first: %+v", r)
	}
	at = at.Add(time.Minute)
	say(1, 100, 90)
	if r := d.Reports()["n1"]; !r.LastPacket.Equal(begin) {
		t.Errorf("nothing came since %v, not since %v", begin, r.LastPacket)
	}
	at = at.Add(10 * time.Minute)
	say(1, 200, 95)
	if r := d.Reports()["n1"]; r.SincePackets != 100 || r.SinceGroup != 90 || !r.LastPacket.Equal(at) {
		t.Errorf("a new window: %+v", r)
	}
	say(2, 10, 1)
	if r := d.Reports()["n1"]; r.SincePackets != 0 || r.SinceGroup != 0 {
		t.Errorf("another boot: %+v", r)
	}
}
