package hospital

import (
	"fmt"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/clinical"
	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/plant"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// planAll lays down what every device of the system does, in an order that does not depend on
// the site that is played.
func planAll(h *fleet.Health, truth *truthBuilder) []*habit {
	p := &plan{health: h, truth: truth}
	for _, t := range h.Sites {
		prepare(t)
	}
	for _, t := range h.Sites {
		p.site = t
		p.imaging()
		p.bedside()
		p.laboratory()
		p.gateways()
		p.building()
		p.cameras()
		p.voiceAndPrint()
		p.network()
		p.addresses()
		p.workplaces()
		p.servers()
		p.plant()
	}
	return p.habits
}

// archive is the PACS that takes the site's images.
func (p *plan) archive() *fleet.Device {
	t := p.site
	if t.Archive != "" {
		t = p.health.Site(t.Archive)
	}
	return t.Nth("pacs", 0)
}

func application(d *fleet.Device) clinical.Application {
	title := d.Name
	if len(title) > 16 {
		title = title[:16]
	}
	return clinical.Application{Title: title, UID: d.Product.UID, Version: d.Product.Toolkit}
}

var studies = map[string]clinical.Study{
	"modality-ct": {Class: clinical.CTImage, Modality: "CT", Images: 14, Octets: 60 << 10},
	"modality-mr": {Class: clinical.MRImage, Modality: "MR", Images: 12, Octets: 40 << 10},
	"modality-us": {Class: clinical.USImage, Modality: "US", Images: 4, Octets: 90 << 10},
	"modality-xr": {Class: clinical.DXImage, Modality: "DX", Images: 2, Octets: 280 << 10},
}

func (p *plan) imaging() {
	pacs := p.archive()
	if pacs == nil {
		return
	}
	for _, word := range fleet.Words() {
		study, ok := studies[word]
		if !ok {
			continue
		}
		for _, d := range p.site.ByWord[word] {
			from, to := application(d), application(pacs)
			p.tcp("dicom", d, pacs, 11112, 35*time.Minute, func(s *wire.Script, _ occasion) {
				st := study
				st.Images = max(1, st.Images/2+s.Rand.IntN(st.Images))
				clinical.Store(s, from, to, st)
			})
			p.tcp("dicom", d, pacs, 11112, 20*time.Minute, func(s *wire.Script, _ occasion) {
				clinical.FindWorklist(s, from, to, 1+s.Rand.IntN(4))
			})
			p.tcp("dicom", d, pacs, 104, 50*time.Minute, func(s *wire.Script, _ occasion) { clinical.Echo(s, from, to) })
			p.truth.clear("dicom", pacs, d)
			p.truth.finding([]string{"NO_AUTHENTICATION"}, "dicom", pacs, d, 11112)
		}
	}
	viewer := clinical.Application{Title: "VIEWER", UID: "1.2.276.0.7230010.3.0.3.6.7", Version: "OFFIS_DCMTK_367"}
	for i := range min(6, len(p.site.ByWord["workstation"])) {
		p.tcp("dicom", p.site.Nth("workstation", i), pacs, 11112, 15*time.Minute, func(s *wire.Script, _ occasion) {
			clinical.FindStudies(s, viewer, application(pacs), 1+s.Rand.IntN(6))
		})
	}
}

func (p *plan) bedside() {
	t := p.site
	server, engine := t.Nth("pump-server", 0), t.Nth("hl7-engine", 0)
	for _, d := range t.ByWord["infusion-pump"] {
		p.always(habit{service: "alaris-disc", client: d, server: server, port: 3613, write: func(s *wire.Script, c occasion) {
			clinical.PumpGateway(s, d.Serial, 75*time.Second, c.fill(76*time.Second))
		}})
	}
	for i := range min(4, len(t.ByWord["infusion-pump"])) {
		d := t.Nth("infusion-pump", i)
		p.feed(server, engine, "ORU^R01^ORU_R01", 150*time.Second, clinical.Equipment{
			Maker: d.Product.Vendor, Model: d.Product.Model, Serial: d.Serial, Code: "69985^MDC_DEV_PUMP_INFUS_MDS^MDC"})
	}
	for i, d := range t.ByWord["patient-monitor"] {
		m := clinical.Monitor{Maker: d.Product.Vendor, Model: d.Product.Model, Serial: d.Serial, Software: d.Product.Version,
			Label: fmt.Sprintf("BED%02d", i+1), MAC: d.MAC, IP: d.IP}
		p.always(habit{service: "intellivue", transport: wire.UDP, client: t.Nth("central-station", i), server: d, clientPort: uint16(50000 + i), port: 24105,
			write: func(s *wire.Script, c occasion) {
				clinical.DataExport(s, m, 6*time.Second, c.fill(6200*time.Millisecond))
			}})
		p.always(habit{service: "intellivue", transport: wire.UDP, client: d, server: fleet.Directed(d), clientPort: 24005, port: 24005,
			write: func(s *wire.Script, c occasion) {
				clinical.ConnectIndication(s, m, 2*time.Minute, c.fill(2*time.Minute))
			}})
	}
	for _, d := range t.ByWord["central-station"] {
		p.feed(d, engine, "ORU^R01^ORU_R01", 40*time.Second, clinical.Equipment{Maker: d.Product.Vendor, Model: d.Product.Model, Serial: d.Serial})
	}
	for _, d := range t.ByWord["ventilator"] {
		p.feed(d, engine, "ORU^R01^ORU_R01", 70*time.Second, clinical.Equipment{Maker: d.Product.Vendor, Model: d.Product.Model, Serial: d.Serial, Code: "70001^MDC_DEV_SYS_PT_VENT_MDS^MDC"})
	}
}

// feed adds an HL7 connection that lasts to the end.
func (p *plan) feed(from, to *fleet.Device, typ string, every time.Duration, e clinical.Equipment) {
	if from == nil || to == nil {
		return
	}
	f := clinical.Feed{From: clinical.Party{Application: from.Kind.Prefix, Facility: p.site.Title}, To: clinical.Party{Application: "ENGINE", Facility: p.site.Title},
		Type: typ, Version: "2.6", Control: from.Serial, Device: e, Every: every}
	p.always(habit{service: "hl7", client: from, server: to, port: 2575, write: func(s *wire.Script, c occasion) {
		g := f
		g.Clock, g.Messages = c.at, c.fill(every+10*time.Millisecond)
		clinical.Messages(s, g)
	}})
	p.truth.clear("hl7", to, from)
	p.truth.finding([]string{"NO_AUTHENTICATION"}, "hl7", to, from, 2575)
}

func (p *plan) laboratory() {
	t := p.site
	lis, engine := t.Nth("lis", 0), t.Nth("hl7-engine", 0)
	if lis == nil { // the analysers of a clinic without one report straight to the engine
		lis = engine
	}
	for i, d := range t.ByWord["lab-analyser"] {
		e := clinical.Equipment{Maker: d.Product.Vendor, Model: d.Product.Model, Serial: d.Serial}
		if i%2 == 0 {
			p.tcp("astm", d, lis, 4000, 8*time.Minute, func(s *wire.Script, c occasion) { clinical.Results(s, e, c.at, 1+s.Rand.IntN(5)) })
			continue
		}
		p.feed(d, lis, "OUL^R22^OUL_R22", 3*time.Minute, e)
	}
	if lis != engine {
		p.feed(lis, engine, "ORU^R01^ORU_R01", 50*time.Second, clinical.Equipment{})
	}
	for _, d := range t.ByWord["poc-analyser"] {
		e := clinical.Equipment{Maker: d.Product.Vendor, Model: d.Product.Model, Serial: d.Serial}
		p.tcp("poct1a", d, lis, 4101, 25*time.Minute, func(s *wire.Script, c occasion) { clinical.Observations(s, e, c.at, 1+s.Rand.IntN(4)) })
	}
	if records := p.health.Records; records != nil && engine != nil {
		f := clinical.Feed{From: clinical.Party{Application: "RECORDS", Facility: "PARTNER"}, To: clinical.Party{Application: "ENGINE", Facility: t.Title}, Type: "ADT^A01^ADT_A01", Version: "2.5.1", Control: "ADT", Every: 45 * time.Second}
		p.always(habit{service: "hl7", client: records, server: engine, port: 6661, write: func(s *wire.Script, c occasion) {
			g := f
			g.Clock, g.Messages = c.at, c.fill(45*time.Second+20*time.Millisecond)
			clinical.Messages(s, g)
		}})
		p.truth.clear("hl7", engine, records)
		p.truth.finding([]string{"NO_AUTHENTICATION"}, "hl7", engine, records, 6661)
	}
}

func (p *plan) gateways() {
	t, out := p.site, p.health.Outside
	for _, d := range t.ByWord["wound-therapy"] {
		cert, name := p.certificate(out["cloud"].Name, "Wound care cloud"), out["cloud"].Name
		p.tcp("tls", d, out["cloud"], 8883, 12*time.Minute, func(s *wire.Script, _ occasion) {
			office.TLS(s, office.Secure{Hello: office.Embedded, Name: name, Certificate: cert, Version: 0x0303, Suite: 0xc030, Exchanges: 3, Up: 300, Down: 80})
		})
	}
	for _, d := range t.ByWord["pers-gateway"] {
		topic := "pers/" + d.Serial + "/state"
		p.always(habit{service: "mqtt", client: d, server: t.Nth("nurse-call", 0), port: 1883, write: func(s *wire.Script, c occasion) {
			clinical.Publish(s, clinical.Telemetry{ClientID: "pers-" + d.Serial, Topic: topic, Every: 30 * time.Second, Messages: c.fill(31 * time.Second)})
		}})
		p.truth.clear("mqtt", t.Nth("nurse-call", 0), d)
		p.truth.finding([]string{"NO_AUTHENTICATION"}, "mqtt", t.Nth("nurse-call", 0), d, 1883)
		cert, name := p.certificate(out["emergency"].Name, "Emergency response"), out["emergency"].Name
		p.tcp("tls", d, out["emergency"], 443, 10*time.Minute, func(s *wire.Script, _ occasion) {
			office.TLS(s, office.Secure{Hello: office.Embedded, Name: name, Certificate: cert, Version: 0x0303, Suite: 0xc02f, Exchanges: 2, Up: 200, Down: 120})
		})
	}
}

func controller(d *fleet.Device) plant.Controller {
	vendor := map[string]uint16{"Trane": 2, "Delta Controls": 8, "Johnson Controls": 5, "LOYTEC": 178, "Tridium": 36}[d.Product.Vendor]
	return plant.Controller{Instance: d.Instance, Vendor: vendor, VendorName: d.Product.Vendor, Model: d.Product.Model, Firmware: d.Product.Version,
		Name: d.Name, Location: "Plant room", Note: "Air handling"}
}

func (p *plan) building() {
	t := p.site
	supervisor := t.Nth("building-supervisor", 0)
	if supervisor != nil {
		p.add(habit{service: "bacnet", transport: wire.UDP, client: supervisor, server: fleet.Directed(supervisor), clientPort: 47808, port: 47808, every: 20 * time.Minute,
			write: func(s *wire.Script, _ occasion) { plant.Discover(s) }})
	}
	for _, word := range []string{"bacnet-controller", "hvac", "lighting"} {
		for _, d := range t.ByWord[word] {
			c := controller(d)
			both := habit{service: "bacnet", transport: wire.UDP, client: supervisor, server: d, clientPort: 47808, port: 47808}
			announce := habit{service: "bacnet", transport: wire.UDP, client: d, server: fleet.Directed(d), clientPort: 47808, port: 47808, every: 20 * time.Minute, write: func(s *wire.Script, _ occasion) { plant.IAm(s, c) }}
			p.truth.finding([]string{"NO_AUTHENTICATION"}, "bacnet", d, supervisor, 47808)
			p.add(announce)
			identify := both
			identify.every, identify.write = time.Hour, func(s *wire.Script, _ occasion) { plant.Identify(s, c) }
			p.add(identify)
			poll := both
			poll.every, poll.write = 10*time.Minute, func(s *wire.Script, _ occasion) { plant.Poll(s, 5*time.Second, 12) }
			p.add(poll)
			if word == "lighting" {
				command := both
				command.every, command.write = 15*time.Minute, func(s *wire.Script, _ occasion) { plant.Command(s, 4) }
				p.add(command)
				p.add(habit{service: "knx", transport: wire.UDP, client: supervisor, server: d, clientPort: 3671, port: 3671, every: time.Hour, write: func(s *wire.Script, _ occasion) {
					plant.KNX(s, supervisor.IP, []byte(d.Serial), d.MAC, d.Name)
				}})
			}
		}
	}
	for _, word := range []string{"ups", "plc"} {
		for _, d := range t.ByWord[word] {
			id := plant.Identity{Vendor: d.Product.Vendor, Product: d.Product.Model, Revision: d.Product.Version}
			p.truth.finding([]string{"NO_AUTHENTICATION"}, "modbus", d, supervisor, 502)
			p.tcp("modbus", supervisor, d, 502, 15*time.Minute, func(s *wire.Script, _ occasion) { plant.Modbus(s, id, 2, 10*time.Second, 20) })
		}
	}
	if d := t.Nth("plc", 0); d != nil {
		p.tcp("modbus", supervisor, d, 502, time.Hour, func(s *wire.Script, _ occasion) { plant.WriteRegister(s, 1, 40, 215) })
	}
}

// certificate makes a server's certificate; faults are kept until the plan is done.
func (p *plan) certificate(name, organisation string) []byte {
	return p.truth.certificate(name, organisation, p.health.Scenario.Start)
}
