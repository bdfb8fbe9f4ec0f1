package fox

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the Fox dissector.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "fox", Transport: dissect.TCP, Ports: []uint16{1911, 4911}, MaxBuffer: 2 * maxHello}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if n := min(len(data), len(magic)); !bytes.Equal(data[:n], magic[:n]) {
		return dissect.NotMine
	}
	if len(data) < len(magic) {
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &dissector{} }

type dissector struct {
	hellos   int
	reported bool
}

// fields of the hello that name the device.
var fields = []struct {
	key    string
	kind   model.Kind
	source string
}{
	{"hostName", model.KindHostname, "fox.host_name"}, {"station.name", model.KindHostname, "fox.station_name"},
	{"hostId", model.KindIdentifier, "fox.host_id"}, {"brandId", model.KindVendor, "fox.brand_id"},
}

func (d *dissector) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	h, size := Parse(data)
	if size < 0 {
		return 0, dissect.Done
	}
	if size == 0 {
		return 0, dissect.More
	}
	if !d.reported {
		d.reported = true
		dissect.Cleartext(e, "fox", "fox.hello")
	}
	s := dissect.About(e.Flow().Sender(dir))
	for _, f := range fields {
		e.Observe(dissect.Claim{Subject: s, Kind: f.kind, Value: h[f.key], Source: f.source})
	}
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindSoftware, Value: strings.TrimSpace(h["app.name"] + " " + h["app.version"]), Source: "fox.app"})
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindOS, Value: strings.TrimSpace(h["os.name"] + " " + h["os.version"]), Source: "fox.os"})
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindSoftware, Value: strings.TrimSpace(h["vm.name"] + " " + h["vm.version"]), Source: "fox.vm"})
	if d.hellos++; d.hellos == 2 {
		return size, dissect.Done
	}
	return size, dissect.More
}
