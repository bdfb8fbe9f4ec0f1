package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func pacsNeeds() *hubv1.GetDeviceNeedsResponse {
	pacs := &hubv1.DeviceRef{Id: "d-pacs", Name: "pacs", Ip: "10.2.0.9"}
	dc := &hubv1.DeviceRef{Id: "d-dc", Name: `dc "1"`, Ip: "10.2.0.2"}
	modalities := &hubv1.KindCount{Kind: "modalities", Devices: 14, Text: "14 modalities", Weight: 84}
	return &hubv1.GetDeviceNeedsResponse{Device: pacs, Summary: "needed by 14 modalities", Weight: 84,
		NeededBy: []*hubv1.Need{{Service: "dicom", Port: 104, IpProtocol: 6, Kinds: []*hubv1.KindCount{modalities}, TotalPeers: 14,
			Peers: []*hubv1.DeviceRef{{Name: "ct-1", Ip: "10.2.0.5"}}, Weight: 84}},
		Needs:  []*hubv1.Need{{Service: "tls", Port: 443, IpProtocol: 6, Outside: []string{"records"}, TotalPeers: 1, Weight: 2}},
		Arrows: []*hubv1.NeedArrow{{Users: modalities, Server: pacs, Service: "dicom", Weight: 84}, {User: pacs, Server: dc, Service: "kerberos", Weight: 3.2}},
	}
}

func TestNeedsDOT(t *testing.T) {
	var out bytes.Buffer
	if err := printNeedsDOT(&out, pacsNeeds()); err != nil {
		t.Fatal(err)
	}
	want := `digraph needs {
  rankdir=LR;
  node [shape=box, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=9];
  "d-pacs" [label="pacs (10.2.0.9)", style=bold];
  "modalities of d-pacs" [label="14 modalities", shape=folder];
  "modalities of d-pacs" -> "d-pacs" [label="dicom", penwidth=3];
  "d-dc" [label="dc \"1\" (10.2.0.2)"];
  "d-pacs" -> "d-dc" [label="kerberos", penwidth=1];
}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNeedsView(t *testing.T) {
	v := needsView(pacsNeeds())
	want := [][]string{
		{"offers", "dicom", "tcp/104", "84.0", "14 modalities", "ct-1 (10.2.0.5), 13 more", "0 B", ""},
		{"uses", "tls", "tcp/443", "2.0", "outside", "records", "0 B", ""},
	}
	if diff := cmp.Diff(want, v.rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v.notes[0] != "pacs (10.2.0.9) (weight 84.0): needed by 14 modalities" {
		t.Errorf("got %q", v.notes)
	}
}
