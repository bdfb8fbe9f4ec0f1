package dissecttest

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/sensor/dissect"
)

var update = flag.Bool("update", false, "write the golden files")

// Updating reports whether golden files are to be written.
func Updating() bool { return *update }

// Cases says what runs with the protocol under test. The conversations are testdata/*.txt.
type Cases struct {
	Others []dissect.Protocol // needed for hand-over and inner messages
	// Splits says that the events must not depend on how the stream is cut. True for all stream
	// protocols; set Unsplit for those that are recognised by the message borders.
	Unsplit bool
	// Reveal opens a message whose text is hidden or summed: it returns the plain form, and what makes a message
	// of a changed plain form. Nil: messages are plain.
	Reveal func(Message) (plain []byte, seal func([]byte) []byte)
}

func (c Cases) fields(m Message) []field {
	if c.Reveal == nil {
		return fields(m.Data)
	}
	plain, seal := c.Reveal(m)
	out := fields(plain)
	for i := range out {
		out[i].marked = seal(out[i].marked)
	}
	return out
}

// Run takes a stream or datagram protocol through the whole suite.
func Run(t *testing.T, p dissect.Protocol, cases Cases) {
	t.Helper()
	pl := player{protocols: append([]dissect.Protocol{p}, cases.Others...)}
	run(t, p.Info(), pl, player{protocols: []dissect.Protocol{p}}, cases)
}

// RunPackets takes a link-level protocol through the suite.
func RunPackets(t *testing.T, p dissect.PacketProtocol) {
	t.Helper()
	pl := player{packets: []dissect.PacketProtocol{p}}
	run(t, p.Info(), pl, pl, Cases{Unsplit: true})
}

func run(t *testing.T, info dissect.Info, pl, alone player, cases Cases) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata/*.txt: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			c, err := Load(path)
			if err != nil || len(c.Messages) == 0 {
				t.Fatalf("%d messages, error %v", len(c.Messages), err)
			}
			whole := pl.play(t, c, c.Messages)
			checkGolden(t, c, whole.text())
			checkSane(t, "whole", whole)
			if c.Flow.Protocol == 6 && !cases.Unsplit {
				checkSplits(t, pl, c, whole.text())
				checkLong(t, pl, c)
			}
			checkDamage(t, pl, c)
			checkMemory(t, pl, c, info)
		})
	}
	t.Run("leaves", func(t *testing.T) { checkLeaves(t, pl, cases) })
	t.Run("foreign", func(t *testing.T) { checkForeign(t, alone, info.Name) })
}

func checkGolden(t *testing.T, c *Conversation, got string) {
	t.Helper()
	golden := strings.TrimSuffix(c.Path, ".txt") + ".golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", golden, diff)
	}
}

// checkSane looks at what must hold of any run.
func checkSane(t *testing.T, what string, r *record) {
	t.Helper()
	for name, n := range r.panic {
		t.Errorf("%s: %d panics in %s", what, n, name)
	}
	for _, line := range r.lines {
		if strings.Contains(strings.ToUpper(line), "CANARY") {
			t.Errorf("%s: a canary left the dissector: %s", what, line)
		}
	}
}

func checkSplits(t *testing.T, pl player, c *Conversation, want string) {
	t.Helper()
	for _, size := range []int{1, 2, 7, 536, 1460, 1 << 30} {
		r := pl.play(t, c, Split(c.Messages, size))
		checkSane(t, "split", r)
		if diff := cmp.Diff(want, r.text()); diff != "" {
			t.Errorf("cut into %d bytes (-whole +cut):\n%s", size, diff)
		}
	}
}

// Split joins what one side says in a row and cuts it into pieces of at most size bytes.
func Split(messages []Message, size int) []Message {
	var joined, out []Message
	for _, m := range messages {
		if n := len(joined); n > 0 && joined[n-1].Dir == m.Dir && !m.Lost && !joined[n-1].Lost {
			joined[n-1].Data = append(slices.Clone(joined[n-1].Data), m.Data...)
			continue
		}
		joined = append(joined, m)
	}
	for _, m := range joined {
		if m.Lost {
			out = append(out, m)
			continue
		}
		for piece := range slices.Chunk(m.Data, size) {
			out = append(out, Message{Dir: m.Dir, Data: piece})
		}
	}
	return out
}

// checkDamage loses, cuts short and changes bytes. Nothing is expected but the absence of panics
// and canaries. The random numbers are the same each time.
func checkDamage(t *testing.T, pl player, c *Conversation) {
	t.Helper()
	stream := c.Flow.Protocol == 6
	pieces := c.Messages
	if stream {
		pieces = Split(c.Messages, 64)
	}
	for i := range min(len(pieces), 200) {
		lossy := slices.Clone(pieces)
		lossy[i].Lost = true
		checkSane(t, "loss", pl.play(t, c, lossy))
	}
	for i, m := range c.Messages[:min(len(c.Messages), 60)] {
		step := max(1, len(m.Data)/40)
		for n := 0; n < len(m.Data); n += step {
			short := slices.Clone(c.Messages)
			short[i].Data = m.Data[:n]
			checkSane(t, "truncated", pl.play(t, c, short[:i+1]))
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		changed := slices.Clone(c.Messages)
		i := random.IntN(len(changed))
		if len(changed[i].Data) == 0 {
			continue
		}
		data := slices.Clone(changed[i].Data)
		for range 1 + random.IntN(4) {
			data[random.IntN(len(data))] = byte(random.UintN(256))
		}
		changed[i].Data = data
		r := pl.play(t, c, changed)
		for name, n := range r.panic {
			t.Errorf("changed bytes: %d panics in %s on message %d: %x", n, name, i, data)
		}
	}
}

// checkMemory sends half a mebibyte of noise behind each prefix of the conversation.
func checkMemory(t *testing.T, pl player, c *Conversation, info dissect.Info) {
	t.Helper()
	limit := info.MaxBuffer
	if limit == 0 {
		limit = dissect.DefaultBuffer
	}
	limit = 8 * max(limit, dissect.DefaultBuffer) // two directions, sizes rounded up, moved while growing
	random := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 1400)
	for i := range noise {
		noise[i] = byte(random.UintN(256))
	}
	for n := range min(len(c.Messages), 12) {
		messages := slices.Clone(c.Messages[:n+1])
		for range 200 {
			messages = append(messages, Message{Dir: 0, Data: noise}, Message{Dir: 1, Data: noise})
		}
		if r := pl.play(t, c, messages); r.peak > limit {
			t.Errorf("after message %d: %d bytes held, at most %d allowed", n, r.peak, limit)
		}
	}
}

// checkForeign shows the protocol what belongs to all others: nothing may be claimed.
func checkForeign(t *testing.T, alone player, name string) {
	t.Helper()
	own, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("../*/testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if abs, _ := filepath.Abs(filepath.Dir(path)); abs == own {
			continue
		}
		c, err := Load(path)
		if err != nil || slices.Contains(c.Also, name) {
			continue // a file that cannot be read fails its own folder's tests
		}
		if r := alone.play(t, c, c.Messages); r.claim > 0 {
			t.Errorf("%s claims %s", name, path)
		}
	}
}

// RunInner takes a protocol that is only reached by Emitter.Inner through the suite: each message
// of a conversation is one inner message.
func RunInner(t *testing.T, p dissect.Protocol, cases Cases) {
	t.Helper()
	pl := player{protocols: append([]dissect.Protocol{carrier{p.Info().Name}, p}, cases.Others...)}
	run(t, p.Info(), pl, player{protocols: []dissect.Protocol{p}}, cases)
}

// carrier claims everything and hands each datagram on.
type carrier struct{ inner string }

func (carrier) Info() dissect.Info { return dissect.Info{Name: "carrier", Transport: dissect.UDP} }

func (carrier) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict { return dissect.Mine }

func (c carrier) New() dissect.Dissector { return c }

func (c carrier) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	e.Inner(c.inner, dir, data)
	return len(data), dissect.More
}
