package dissecttest

import (
	"path/filepath"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
)

// Fuzz feeds a dissector that believes the bytes to be its own: what is to be found are panics and
// hangs. The seeds are the protocol's conversations, as one joined message a direction.
func Fuzz(f *testing.F, p dissect.Protocol, others ...dissect.Protocol) {
	f.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		c, err := Load(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, m := range Split(c.Messages, 1<<30) {
			f.Add(byte(m.Dir), uint16(len(m.Data)/2), m.Data)
		}
	}
	info := p.Info()
	pl := player{protocols: append([]dissect.Protocol{eager{p}}, others...)}
	f.Fuzz(func(t *testing.T, dir byte, cut uint16, data []byte) {
		c := &Conversation{Flow: dissect.Flow{Protocol: 6, Time: 1}}
		if info.Transport&dissect.TCP == 0 {
			c.Flow.Protocol = 17
		}
		c.Flow.Initiator.MAC, c.Flow.Responder.MAC = clientMAC, serverMAC
		n := min(int(cut), len(data))
		d := dissect.Direction(dir & 1)
		checkSaneFuzz(t, pl.play(t, c, []Message{{Dir: d, Data: data[:n]}, {Dir: d ^ dissect.Direction(dir>>1&1), Data: data[n:]}}))
	})
}

func checkSaneFuzz(t *testing.T, r *record) {
	t.Helper()
	for name, n := range r.panic {
		t.Errorf("%d panics in %s", n, name)
	}
}

// eager claims everything, so that the dissector meets bytes that the probe would have refused.
type eager struct{ dissect.Protocol }

// Info gives protocols that are never probed a carrier, so that they meet bytes at all.
func (p eager) Info() dissect.Info {
	info := p.Protocol.Info()
	if info.Transport == 0 {
		info.Transport = dissect.UDP
	}
	return info
}

func (eager) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict { return dissect.Mine }
