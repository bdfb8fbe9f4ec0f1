package answer

import (
	"cmp"

	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func texts[T any](list []T, text func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = text(v)
	}
	return out
}

func sensorTexts(list []model.SensorID) []string {
	return texts(list, func(s model.SensorID) string { return string(s) })
}

func vlanNumbers(list []uint16) []uint32 {
	out := make([]uint32, len(list))
	for i, v := range list {
		out[i] = uint32(v)
	}
	return out
}

// deviceRef names a device by the address at which it was met; the zero address takes its newest.
func deviceRef(d *inventory.Device, a model.Addr) *hubv1.DeviceRef {
	if a.IsZero() && len(d.Addrs) > 0 {
		a = d.Addrs[0]
	}
	return &hubv1.DeviceRef{Id: d.ID, Name: d.Name, Type: d.Type, Site: string(d.Site), Realm: string(d.Realm), Ip: a.String(), Vendor: d.Vendor}
}

// endRef names an end of a flow: a device, or an address that is none.
func endRef(e *flowmap.End) *hubv1.DeviceRef {
	if e.Device != nil {
		return deviceRef(e.Device, e.Addr)
	}
	return &hubv1.DeviceRef{Name: cmp.Or(e.Partner, e.Addr.String()), Site: string(e.Site), Realm: string(e.Realm), Ip: e.Addr.String()}
}

func evidenceMessages(list []inventory.Evidence) []*hubv1.Evidence {
	out := make([]*hubv1.Evidence, len(list))
	for i := range list {
		e := &list[i]
		source := e.Source
		if e.Rule != "" {
			source += " (rule " + e.Rule + ")"
		}
		out[i] = &hubv1.Evidence{Source: source, Value: e.Value, Ip: e.Addr.String(), Mac: e.MAC.String(), Site: string(e.Site), Realm: string(e.Realm),
			Sensors: sensorTexts(e.Sensors), FirstSeen: stampNanos(e.First), LastSeen: stampNanos(e.Last), Count: e.Count}
	}
	return out
}

func deviceMessage(d *inventory.Device, openFindings int, detail bool) *hubv1.Device {
	out := &hubv1.Device{
		Id: d.ID, Site: string(d.Site), Realm: string(d.Realm), Name: d.Name, Category: d.Category, Type: d.Type, Vendor: d.Vendor, Model: d.Model, Os: d.OS,
		Support: hubv1.SupportState(d.Support), SupportUntil: d.SupportUntil, BehindRouter: d.BehindRouter, Department: d.Department, Hostname: d.Hostname,
		FirstSeen: stampNanos(d.First), LastSeen: stampNanos(d.Last), OpenFindings: int32(openFindings), Services: d.Services,
		Ips: texts(d.Addrs, model.Addr.String), Macs: texts(d.MACs, model.MAC.String), Vlans: vlanNumbers(d.VLANs),
	}
	if !detail {
		return out
	}
	out.IdentityReasons = d.Reasons
	for i := range d.Attributes {
		a := &d.Attributes[i]
		out.Attributes = append(out.Attributes, &hubv1.Attribute{Name: a.Name, Value: a.Value, Confidence: a.Confidence, Conflicts: a.Conflicts, Evidence: evidenceMessages(a.Evidence)})
	}
	return out
}
