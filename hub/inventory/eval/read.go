package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	maker "github.com/wardscope/wardscope/internal/knowledge"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// site is the one site that every capture is read as.
const site = "capture"

// maxLine is the longest event that is read, bytes.
const maxLine = 1 << 22

// read runs the sensor over a capture. A capture that is damaged at its end still gives what
// was read before.
func read(ctx context.Context, sensor, capture string) (*inventory.Input, error) {
	cmd := exec.CommandContext(ctx, sensor, "read", capture)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	in, readErr := events(out)
	err = cmd.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	return in, errors.Join(readErr, err)
}

// events makes of a sensor's JSON lines what the store would tell the inventory.
func events(r io.Reader) (*inventory.Input, error) {
	in := &inventory.Input{Places: sites.New(state.Sites{}), Vendor: maker.Vendor, Now: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC).UnixNano()}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var e eventv1.Event
		if err := protojson.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("read event: %w", err)
		}
		if o := e.GetObservation(); o != nil {
			in.Claims = append(in.Claims, claim(o))
		}
		if f := e.GetFlow(); f != nil {
			addFlow(in, f)
		}
	}
	return in, lines.Err()
}

func nanos(t *timestamppb.Timestamp) int64 { return t.AsTime().UnixNano() }

// addr reads an address; an absent one is zero.
func addr(text string) model.Addr {
	a, err := model.ParseAddr(text)
	if err != nil {
		return model.Addr{}
	}
	return a
}

func link(text string) model.MAC {
	m, err := model.ParseMAC(text)
	if err != nil {
		return 0
	}
	return m
}

func claim(o *eventv1.Observation) inventory.Claim {
	s := o.GetSubject()
	return inventory.Claim{Site: site, Sensors: []model.SensorID{site}, Kind: model.Kind(o.GetKind()), Value: o.GetValue(), Source: o.GetSource(),
		Subject: model.Subject{Addr: addr(s.GetIp()), MAC: link(s.GetMac()), Part: s.GetPart()},
		First:   nanos(o.GetFirstSeen()), Last: nanos(o.GetLastSeen()), Count: o.GetCount()}
}

// Tunnels of IP packets, whose link addresses are the tunnel ends', and tunnels of frames, whose
// are not: as the store's sightings have it.
var (
	packetTunnels = []string{"gre", "ipip", "teredo", "gtp"}
	frameTunnels  = []string{"erspan", "vxlan", "geneve", "capwap"}
)

func within(f *eventv1.Flow, tunnels []string) bool {
	return slices.ContainsFunc(f.GetEncapsulation(), func(e string) bool { return slices.Contains(tunnels, e) })
}

func addFlow(in *inventory.Input, f *eventv1.Flow) {
	first, last := nanos(f.GetStart()), nanos(f.GetEnd())
	foreign := within(f, packetTunnels) && !within(f, frameTunnels)
	for _, end := range []struct {
		e       *eventv1.Endpoint
		packets uint64
		offers  bool
	}{{f.GetInitiator(), f.GetInitiatorPackets(), false}, {f.GetResponder(), f.GetResponderPackets(), true}} {
		s := inventory.Sighting{Site: site, Addr: addr(end.e.GetIp()), First: first, Last: last, Packets: end.packets}
		if !foreign {
			s.MAC = link(end.e.GetMac())
		}
		if end.packets > 0 {
			in.Sightings = append(in.Sightings, s)
		}
		if f.GetService() != "" && (end.packets > 0 || !end.offers) {
			in.Usages = append(in.Usages, inventory.Usage{Site: site, Addr: s.Addr, Offers: end.offers, Service: f.GetService(), Peers: 1, First: first, Last: last, Count: 1})
		}
	}
}

// attributes are those that the truth knows.
var attributes = []string{inventory.AttrHostname, inventory.AttrVendor, inventory.AttrCategory, inventory.AttrType, inventory.AttrModel,
	inventory.AttrOS, inventory.AttrFirmware, inventory.AttrSerial}

// answers are the devices in the form of the ruler. What lies behind a gateway has no address
// there and is left out.
func answers(in *inventory.Input, set *knowledge.Set) []any {
	out := []any{}
	inv := inventory.Resolve(in, set)
	for i := range inv.Devices {
		d := &inv.Devices[i]
		if d.Part != "" {
			continue
		}
		macs, ips := []string{}, []string{}
		for _, m := range d.MACs {
			macs = append(macs, m.String())
		}
		for _, a := range d.Addrs {
			ips = append(ips, a.String())
		}
		confidence := map[string]float64{}
		v := map[string]any{"id": d.ID, "macs": macs, "ips": ips, "confidence": confidence}
		for _, name := range attributes {
			if a := d.Attribute(name); a != nil && a.Value != "" {
				v[name], confidence[name] = a.Value, a.Confidence
			}
		}
		out = append(out, v)
	}
	return out
}
