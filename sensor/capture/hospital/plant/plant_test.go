package plant_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/wardscope/wardscope/sensor/capture/hospital/plant"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

func play(write func(s *wire.Script)) []wire.Step {
	r := wire.NewRand(3)
	s := wire.Script{Rand: &r}
	write(&s)
	return s.Steps
}

var controller = plant.Controller{Instance: 1017, Vendor: 178, VendorName: "LOYTEC", Model: "LDALI", Firmware: "6.4", Name: "LX-1", Location: "x", Note: "a longer description of what it does"}

func TestBACnet(t *testing.T) {
	steps := play(func(s *wire.Script) {
		plant.Discover(s)
		plant.IAm(s, controller)
		plant.IAm(s, plant.Controller{Instance: 1, Vendor: 999})
		plant.Identify(s, controller)
		plant.Poll(s, time.Second, 3)
		plant.Command(s, 2)
	})
	for i, step := range steps {
		if b := step.Data; b[0] != 0x81 || int(binary.BigEndian.Uint16(b[2:])) != len(b) {
			t.Errorf("message %d: header %x of %d octets", i, b[:4], len(b))
		}
	}
	if !bytes.Contains(steps[1].Data, []byte{0xc4, 2, 0, 3, 0xf9, 0x22, 5, 0xc4, 0x91, 3, 0x21, 178}) {
		t.Errorf("I-Am %x", steps[1].Data)
	}
	if !bytes.Contains(steps[2].Data, []byte{0x22, 999 >> 8, 999 & 0xff}) {
		t.Errorf("vendor above 255: %x", steps[2].Data)
	}
}

func TestModbus(t *testing.T) {
	steps := play(func(s *wire.Script) {
		plant.Modbus(s, plant.Identity{Vendor: "APC", Product: "UPS", Revision: "1"}, 2, time.Second, 4)
		plant.WriteRegister(s, 1, 40, 215)
	})
	for i, step := range steps {
		if b := step.Data; int(binary.BigEndian.Uint16(b[4:])) != len(b)-6 {
			t.Errorf("message %d: length %x of %d octets", i, b[4:6], len(b))
		}
	}
	if len(steps) != 12 || !bytes.Contains(steps[1].Data, []byte("\x00\x03APC\x01\x03UPS")) {
		t.Errorf("%d messages, identification %q", len(steps), steps[1].Data)
	}
}

func TestKNX(t *testing.T) {
	for i, step := range play(func(s *wire.Script) { plant.KNX(s, wire.IP{10, 0, 0, 1}, []byte("ABCDEF"), wire.MAC{}, "router") }) {
		if b := step.Data; b[0] != 6 || int(binary.BigEndian.Uint16(b[4:])) != len(b) {
			t.Errorf("message %d: %x", i, b)
		}
	}
}

func TestSNMP(t *testing.T) {
	steps := play(func(s *wire.Script) {
		plant.Query(s, plant.SNMP{Community: "public", Version: 1, Description: "a switch", Name: "sw", ObjectID: []byte{0x2b, 6, 1, 4, 1, 9, 1, 1}})
	})
	for i, want := range []gosnmp.PDUType{gosnmp.GetRequest, gosnmp.GetResponse} {
		p, err := gosnmp.Default.SnmpDecodePacket(steps[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		if p.PDUType != want || p.Community != "public" || len(p.Variables) != 3 {
			t.Errorf("message %d: %v %q, %d variables", i, p.PDUType, p.Community, len(p.Variables))
		}
	}
}

func TestNetworkGear(t *testing.T) {
	g := plant.Gear{MAC: wire.MAC{0, 0x1b, 0x54, 1, 2, 3}, IP: wire.IP{10, 0, 0, 1}, Name: "sw-01", Description: "IOS", Port: "Gi1/0/1", Model: "cisco", Software: "15.2", Bridge: true, Router: true}
	steps := play(func(s *wire.Script) {
		plant.LLDP(s, g, time.Second, 2)
		plant.CDP(s, g, time.Second, 2)
		g.Software += "x" // the other parity
		plant.CDP(s, g, time.Second, 2)
		plant.SpanningTree(s, g.MAC, time.Second, 2)
	})
	lldp := steps[0].Data
	for len(lldp) > 0 {
		n := int(lldp[0]&1)<<8 | int(lldp[1])
		if n+2 > len(lldp) {
			t.Fatalf("LLDP element of %d octets, %d are left", n, len(lldp)-2)
		}
		lldp = lldp[2+n:]
	}
	for _, step := range steps[1:3] {
		b := step.Data[8:]
		var acc uint32
		for i := 0; i+1 < len(b); i += 2 {
			acc += uint32(b[i])<<8 | uint32(b[i+1])
		}
		for acc > 0xffff {
			acc = acc>>16 + acc&0xffff
		}
		if len(b)%2 == 1 || acc != 0xffff {
			t.Errorf("CDP checksum is off: %x of %d octets", acc, len(b))
		}
	}
	if steps[3].EtherType != 0 || !bytes.HasPrefix(steps[3].Data, []byte{0x42, 0x42, 3}) {
		t.Errorf("spanning tree %x", steps[3].Data)
	}
}
