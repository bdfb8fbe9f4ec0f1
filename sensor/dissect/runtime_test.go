package dissect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// toy is a protocol of length-prefixed messages that begin with a magic byte.
type toy struct {
	name  string
	magic byte
	probe func(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict
	feed  func(dissect.Emitter, dissect.Direction, []byte) (int, dissect.Verdict)
	info  dissect.Info
}

func (p toy) Info() dissect.Info {
	i := p.info
	i.Name = p.name
	if i.Transport == 0 {
		i.Transport = dissect.TCP
	}
	return i
}

func (p toy) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if p.probe != nil {
		return p.probe(f, dir, data)
	}
	if data[0] == p.magic {
		return dissect.Mine
	}
	return dissect.NotMine
}

func (p toy) New() dissect.Dissector { return &talk{p} }

type talk struct{ toy }

func (d *talk) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if d.feed != nil {
		return d.feed(e, dir, data)
	}
	if len(data) < 2 {
		return 0, dissect.More
	}
	n := 2 + int(data[1])
	if len(data) < n {
		return 0, dissect.More
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindBanner, Value: string(data[2:n]), Source: d.name + ".text"})
	return n, dissect.More
}

type events struct {
	seen     []model.Observation
	findings []model.Finding
}

func (s *events) Observe(o model.Observation) { s.seen = append(s.seen, o) }
func (s *events) Finding(f model.Finding)     { s.findings = append(s.findings, f) }

func (s *events) values() []string {
	var out []string
	for _, o := range s.seen {
		out = append(out, o.Source+"="+o.Value)
	}
	return out
}

func build(t testing.TB, sink dissect.Sink, protocols ...dissect.Protocol) *dissect.Runtime {
	t.Helper()
	rt, err := dissect.NewRuntime(dissect.DefaultConfig(), protocols, nil, sink)
	if err != nil {
		t.Fatal(err)
	}
	return rt
}

func tcp() *dissect.Flow {
	return &dissect.Flow{Protocol: 6, Time: 7, VLAN: 3, Domain: 4,
		Initiator: model.Endpoint{MAC: 1, Port: 1000}, Responder: model.Endpoint{MAC: 2, Port: 2000}}
}

func TestClaimAndFeed(t *testing.T) {
	var sink events
	rt := build(t, &sink, toy{name: "a", magic: 'a'}, toy{name: "b", magic: 'b'})
	f := tcp()
	h := rt.Open(f)
	rt.Data(h, f, 0, []byte("b\x03o"))
	rt.Data(h, f, 1, []byte("b\x02hi"))
	state, service := rt.Data(h, f, 0, []byte("neb\x03two"))
	if state != dissect.Want || rt.ServiceName(service) != "b" {
		t.Errorf("got state %d, service %q", state, rt.ServiceName(service))
	}
	if diff := cmp.Diff([]string{"b.text=hi", "b.text=one", "b.text=two"}, sink.values()); diff != "" {
		t.Error(diff)
	}
	if o := sink.seen[0]; o.Domain != 4 || o.VLAN != 3 || o.First != 7 || o.Last != 7 || o.Count != 1 || o.Subject.MAC != 2 {
		t.Errorf("got %+v", o)
	}
	if rt.Buffered() != 0 {
		t.Errorf("%d bytes held after all were consumed", rt.Buffered())
	}
}

func TestGiveUp(t *testing.T) {
	rt := build(t, &events{}, toy{name: "a", magic: 'a'})
	f := tcp()
	h := rt.Open(f)
	if state, service := rt.Data(h, f, 0, []byte("x")); state != dissect.Forget || service != 0 {
		t.Errorf("got %d, %d for bytes that nobody wants", state, service)
	}
	patient := toy{name: "p", probe: func(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict { return dissect.More }}
	rt = build(t, &events{}, patient)
	h = rt.Open(f)
	for i := range 12 {
		state, _ := rt.Data(h, f, dissect.Direction(i&1), []byte("x"))
		if want := i == 11; (state == dissect.Forget) != want {
			t.Errorf("packet %d: state %d", i, state)
		}
	}
	if rt.Buffered() != 0 || rt.Stats().GivenUp != 1 {
		t.Errorf("held %d, given up %d", rt.Buffered(), rt.Stats().GivenUp)
	}
}

func TestSkipAndGap(t *testing.T) {
	var sink events
	skip := toy{name: "s", magic: 's'}
	skip.feed = func(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindRole, Value: string(data[:1]), Source: "s.first"})
		return 10, dissect.More
	}
	rt := build(t, &sink, skip)
	f := tcp()
	h := rt.Open(f)
	rt.Data(h, f, 0, []byte("s123"))
	if state, _ := rt.Gap(h, f, 0, 4); state != dissect.Want {
		t.Error("a gap inside skipped bytes ended the dissection")
	}
	rt.Data(h, f, 0, []byte("89t"))
	if diff := cmp.Diff([]string{"s.first=s", "s.first=t"}, sink.values()); diff != "" {
		t.Error(diff)
	}
	rt.Gap(h, f, 0, 100)
	rt.Data(h, f, 0, []byte("u"))
	if len(sink.seen) != 2 {
		t.Error("a dissector without GapFeeder was fed behind a gap")
	}
}

func TestPanicIsContained(t *testing.T) {
	bad := toy{name: "bad", magic: 'b'}
	bad.feed = func(_ dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
		return int(data[len(data)]), dissect.More
	}
	rt := build(t, &events{}, bad)
	f := tcp()
	state, service := rt.Data(rt.Open(f), f, 0, []byte("boom"))
	if state != dissect.Forget || rt.ServiceName(service) != "bad" || rt.Stats().Panics["bad"] != 1 {
		t.Errorf("got state %d, service %q, panics %v", state, rt.ServiceName(service), rt.Stats().Panics)
	}
}

func TestHandoffInnerSwapDescribe(t *testing.T) {
	var sink events
	first := toy{name: "first", magic: 'f'}
	first.feed = func(e dissect.Emitter, dir dissect.Direction, _ []byte) (int, dissect.Verdict) {
		e.Swap()
		e.Version("v1")
		e.Operate(model.VerbRead, "thing", model.ResultOK, 2)
		e.Inner("second", dir, []byte("\x00\x02in"))
		e.Handoff("second")
		return 1, dissect.More
	}
	rt := build(t, &sink, first, toy{name: "second", magic: 's'})
	f := tcp()
	h := rt.Open(f)
	_, service := rt.Data(h, f, 0, []byte("f\x00\x02ho"))
	if diff := cmp.Diff([]string{"second.text=in", "second.text=ho"}, sink.values()); diff != "" {
		t.Error(diff)
	}
	var got model.Flow
	got.Initiator.MAC, got.Responder.MAC, got.InitiatorPackets = 1, 2, 5
	rt.Describe(h, service, &got)
	if got.Service != "first" || got.Version != "v1" || got.Initiator.MAC != 2 || got.ResponderPackets != 5 || len(got.Operations) != 1 {
		t.Errorf("got %+v", got)
	}
	got = model.Flow{}
	rt.Describe(h, service, &got)
	if len(got.Operations) != 0 {
		t.Error("operations were told twice")
	}
	rt.Close(h, f)
	rt.Close(h, f)
}

func TestCeiling(t *testing.T) {
	hoard := toy{name: "h", magic: 'h', feed: func(dissect.Emitter, dissect.Direction, []byte) (int, dissect.Verdict) { return 0, dissect.More }}
	cfg := dissect.DefaultConfig()
	cfg.MaxBuffered = 1 << 20
	rt, err := dissect.NewRuntime(cfg, []dissect.Protocol{hoard}, nil, &events{})
	if err != nil {
		t.Fatal(err)
	}
	f := tcp()
	data := []byte(strings.Repeat("h", 8<<10))
	for range 500 {
		rt.Data(rt.Open(f), f, 0, data)
	}
	if rt.Buffered() > cfg.MaxBuffered || rt.Stats().Starved == 0 {
		t.Errorf("held %d of at most %d, starved %d", rt.Buffered(), cfg.MaxBuffered, rt.Stats().Starved)
	}
}

func TestRefusals(t *testing.T) {
	for name, list := range map[string][]dissect.Protocol{
		"twice":   {toy{name: "a"}, toy{name: "a"}},
		"no name": {toy{}},
	} {
		if _, err := dissect.NewRuntime(dissect.DefaultConfig(), list, nil, &events{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := dissect.NewRuntime(dissect.Config{}, nil, nil, &events{}); err == nil {
		t.Error("empty config: no error")
	}
}

// TestUnknownAllocs holds the promise that traffic nobody claims costs no memory.
func TestUnknownAllocs(t *testing.T) {
	slow := toy{name: "slow", probe: func(_ *dissect.Flow, _ dissect.Direction, d []byte) dissect.Verdict {
		if len(d) > 3000 {
			return dissect.NotMine
		}
		return dissect.More
	}}
	rt := build(t, &events{}, toy{name: "a", magic: 'a'}, slow)
	f := tcp()
	data := make([]byte, 1000)
	run := func() {
		h := rt.Open(f)
		for range 20 {
			if state, _ := rt.Data(h, f, 0, data); state == dissect.Forget {
				return
			}
		}
		t.Error("never given up")
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations a conversation", n)
	}
}

type lldpLike struct{}

func (lldpLike) Info() dissect.Info {
	return dissect.Info{Name: "l", Transport: dissect.Link, EtherTypes: []uint16{0x88cc}, IPProtocols: []uint8{58}}
}

func (lldpLike) Packet(e dissect.Emitter, p *decode.Packet) bool {
	if len(p.Payload) == 0 {
		return false
	}
	if p.Payload[0] == 0xff {
		panic("broken")
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Initiator), Kind: model.KindRole, Value: "x", Source: "l.x"})
	return true
}

func TestPackets(t *testing.T) {
	var sink events
	rt, err := dissect.NewRuntime(dissect.DefaultConfig(), nil, []dissect.PacketProtocol{lldpLike{}}, &sink)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		packet  decode.Packet
		service string
	}{
		{"ether type", decode.Packet{EtherType: 0x88cc, SrcMAC: 5, Payload: []byte{1}}, "l"},
		{"ip protocol", decode.Packet{IP: true, Protocol: 58, SrcMAC: 5, Payload: []byte{1}}, "l"},
		{"not its bytes", decode.Packet{EtherType: 0x88cc}, ""},
		{"other type", decode.Packet{EtherType: 0x88cd, Payload: []byte{1}}, ""},
		{"panic", decode.Packet{EtherType: 0x88cc, Payload: []byte{0xff}}, "l"},
	} {
		if got := rt.ServiceName(rt.Packet(&c.packet)); got != c.service {
			t.Errorf("%s: got %q, want %q", c.name, got, c.service)
		}
	}
	if len(sink.seen) != 2 || rt.Stats().Panics["l"] != 1 {
		t.Errorf("got %d observations, panics %v", len(sink.seen), rt.Stats().Panics)
	}
}

func TestLogin(t *testing.T) {
	var sink events
	cfg := dissect.DefaultConfig()
	cfg.MatchDefault = func(_, user, password string) (string, bool) { return "d1", user == "admin" && password == "x" }
	p := toy{name: "p", magic: 'p', feed: func(e dissect.Emitter, _ dissect.Direction, d []byte) (int, dissect.Verdict) {
		for _, c := range [][2]string{{"admin", "x"}, {"joe", "secret"}, {"joe", ""}, {"anonymous", "m"}} {
			e.Login(dissect.Credential{Service: "p", User: c[0], Password: c[1], Server: e.Flow().Responder})
		}
		return len(d), dissect.Done
	}}
	rt, err := dissect.NewRuntime(cfg, []dissect.Protocol{p}, nil, &sink)
	if err != nil {
		t.Fatal(err)
	}
	f := tcp()
	rt.Data(rt.Open(f), f, 0, []byte("p"))
	var got []string
	for _, w := range sink.findings {
		got = append(got, w.Rule+" "+w.Detail)
	}
	want := []string{"p.credential administrator account", "p.default_credential d1", "p.credential other account",
		"p.credential other account", "p.weak_credential other account, empty secret", "p.anonymous anonymous account"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// again is a dissector that can begin anew; it counts the conversations it was made for.
type again struct {
	talk
	fed    int
	resets *int
}

func (d *again) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if d.fed++; d.fed > 1 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindBanner, Value: "held over", Source: "again.fed"})
	}
	return len(data), dissect.Done
}

func (d *again) Reset() {
	d.fed = 0
	*d.resets++
}

type reborn struct {
	toy
	made, resets *int
}

func (p reborn) New() dissect.Dissector {
	*p.made++
	return &again{resets: p.resets}
}

// A dissector that can begin anew serves one conversation after another, and none sees what was before.
func TestDissectorsBeginAnew(t *testing.T) {
	var out events
	made, resets := 0, 0
	f := tcp()
	rt := build(t, &out, reborn{toy{name: "telnet", magic: 'T'}, &made, &resets})
	for range 5 {
		h := rt.Open(f)
		if state, _ := rt.Data(h, f, dissect.FromInitiator, []byte("T\x00")); state != dissect.Forget {
			t.Fatalf("state %d", state)
		}
	}
	if made != 1 || resets != 5 || len(out.seen) != 0 {
		t.Errorf("made %d, begun anew %d times, said %v", made, resets, out.values())
	}
}
