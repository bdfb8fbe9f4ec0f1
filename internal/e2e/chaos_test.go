package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// chaos is a hub with a NATS server of its own or in it, and three sensors at other ends of bad lines.
type chaos struct {
	hub     *hub
	nats    *process // nil: embedded
	sensors []*chaosSensor
	random  *rand.Rand
	deck    []string // what is done next
	done    []string // what was done, and when
	kills   struct{ sensor, hub, nats, cuts, restarts, fills int }
}

// chaosSensor is one sensor with its line, its mirror and its disk.
type chaosSensor struct {
	*process
	name    string
	wire    *wire
	mirror  *conversations
	disk    string      // the folder of its spool, when that is small
	ended   time.Time   // in order, with batches sealed, the last time
	outages [][2]uint64 // Unix nanoseconds: killed, and at work again
	full    [][2]uint64 // its disk was
	busy    sync.WaitGroup
}

// process is one of ours that is killed and started again.
type process struct {
	name, ready string // ready: what its log says when it works
	path        string
	args        []string
	log         string
	cmd         *exec.Cmd
}

// start runs the process until its log says that it works; as a service manager would, it starts
// one that ends before again.
func (p *process) start(t *testing.T) {
	t.Helper()
	eventually(t, time.Minute, p.name+" starts", func() bool {
		log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		at, err := log.Seek(0, 2)
		if err != nil {
			t.Fatal(err)
		}
		p.cmd = exec.Command(p.path, p.args...)
		p.cmd.Stdout, p.cmd.Stderr = log, log
		if err := p.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			<-tick.C
			raw, err := os.ReadFile(p.log)
			if err == nil && strings.Contains(string(raw[at:]), p.ready) {
				return true
			}
			if syscall.Kill(p.cmd.Process.Pid, 0) != nil || ended(p.cmd.Process.Pid) {
				_ = p.cmd.Wait() // started again
				return false
			}
		}
	})
}

// ended tells a process that has ended and was not waited for.
func ended(pid int) bool {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, _ := strings.Cut(string(raw), ") ")
	return err != nil || strings.HasPrefix(state, "Z")
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // the signal is the error
}

// newChaos makes everything, in network namespaces of its own.
func newChaos(t *testing.T, external bool) *chaos {
	t.Helper()
	needEngine(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := &chaos{random: rand.New(rand.NewPCG(seed, 0))}
	ns := netns(t, "wshub")
	ip(t, "-n", ns, "link", "set", "lo", "up")
	h := &hub{dir: t.TempDir(), ns: ns, api: "127.0.0.1:8443"}
	h.config = filepath.Join(h.dir, "hub.yaml")
	data := filepath.Join(h.dir, "data")
	text := fmt.Sprintf("data_dir: %s\nlisten: %s\nnames: [10.66.0.1, 10.66.1.1, 10.66.2.1]\nnats:\n  listen: 0.0.0.0:4222\n  websocket: 0.0.0.0:443\ngrpc:\n  listen: 0.0.0.0:8444\n", data, h.api)
	if external {
		folder := filepath.Join(h.dir, "nats")
		part := must(t, nil, "wardscope-hub", "external-nats", "--data-dir", data, "--name", "127.0.0.1,10.66.0.1,10.66.1.1,10.66.2.1", "--out", folder)
		text = strings.Replace(text, "nats:\n  listen: 0.0.0.0:4222\n  websocket: 0.0.0.0:443\n", part, 1)
		c.nats = &process{name: "NATS", ready: "Server is ready", log: filepath.Join(h.dir, "nats.log"), path: "ip",
			args: []string{"netns", "exec", ns, natsServer(t), "-c", filepath.Join(folder, "server.conf")}}
		c.nats.start(t)
		t.Cleanup(c.nats.kill)
	}
	if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start(t)
	t.Cleanup(func() { h.stop(t) })
	c.hub = h
	for i, transport := range []string{"nats", "grpc", "websocket"} {
		c.sensors = append(c.sensors, newChaosSensor(t, h, i, transport))
	}
	return c
}

// natsServer is the server's program, of the version that the hub links.
func natsServer(t *testing.T) string {
	t.Helper()
	file := filepath.Join(bin, "nats-server")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	file = filepath.Join(t.TempDir(), "nats-server")
	build := exec.Command("go", "build", "-o", file, "github.com/nats-io/nats-server/v2")
	build.Dir = filepath.Join("..", "..", "hub")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build nats-server: %v\n%s", err, out)
	}
	return file
}

func newChaosSensor(t *testing.T, h *hub, i int, transport string) *chaosSensor {
	t.Helper()
	s := &chaosSensor{name: []string{"north-1", "south-1", "east-1"}[i]}
	site, _, _ := strings.Cut(s.name, "-")
	near, far := netns(t, "ws"+site), netns(t, "wsm"+site)
	hubEnd, sensorEnd := fmt.Sprintf("10.66.%d.1", i), fmt.Sprintf("10.66.%d.2", i)
	s.wire = newWire(t, time.Duration(5+10*i)*time.Millisecond, 0.01, [2]string{h.ns, near}, [2]string{hubEnd, sensorEnd})
	ip(t, "link", "add", "wscable", "netns", far, "type", "veth", "peer", "name", "wsmirror", "netns", near)
	for _, end := range [][2]string{{far, "wscable"}, {near, "wsmirror"}} {
		ip(t, "netns", "exec", end[0], "sysctl", "-qw", "net.ipv6.conf."+end[1]+".disable_ipv6=1")
		ip(t, "-n", end[0], "link", "set", end[1], "mtu", "9000", "arp", "off", "up")
	}
	config := h.enrol(t, site, s.name, "interfaces: [wsmirror]\n  ring_bytes: 8MiB")
	change(t, config, map[string]string{
		"transport": transport, "nats": "tls://" + hubEnd + ":4222", "websocket": "wss://" + hubEnd + ":443", "grpc": "grpc://" + hubEnd + ":8444",
	})
	spool := filepath.Join(filepath.Dir(config), "spool")
	if i == 2 {
		s.disk = filepath.Join(filepath.Dir(config), "disk")
		spool = filepath.Join(s.disk, "spool")
		if err := os.MkdirAll(s.disk, 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "none", s.disk).CombinedOutput(); err != nil {
			t.Fatalf("mount a small disk: %v %s", err, out)
		}
		t.Cleanup(func() {
			if out, err := exec.Command("umount", "-l", s.disk).CombinedOutput(); err != nil {
				t.Errorf("unmount: %v %s", err, out)
			}
		})
	}
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, append(raw, fmt.Sprintf("spool:\n  dir: %s\n  max_bytes: 128MiB\n", spool)...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.process = &process{name: s.name, ready: `msg="sensor started"`, log: config + ".log", path: "ip",
		args: []string{"netns", "exec", near, filepath.Join(bin, "wardscope-sensor"), "run", "--config", config}}
	s.process.start(t)
	t.Cleanup(s.process.kill)
	every := 25 * time.Millisecond
	if s.disk != "" {
		every = 8 * time.Millisecond
	}
	s.mirror = newConversations(t, far, "wscable", every)
	return s
}

func (c *chaos) wait(least, most time.Duration) {
	timer := time.NewTimer(least + time.Duration(c.random.Int64N(int64(most-least))))
	<-timer.C
}

// deal shuffles a deck: of two dozen things to do, fourteen are kills.
func (c *chaos) deal() {
	for thing, n := range map[string]int{"sensor": 8, "hub": 3, "nats": 3, "cut": 4, "restart": 2, "fill": 2} {
		for range n {
			c.deck = append(c.deck, thing)
		}
	}
	c.random.Shuffle(len(c.deck), func(i, k int) { c.deck[i], c.deck[k] = c.deck[k], c.deck[i] })
}

// act does the next thing of the deck.
func (c *chaos) act(t *testing.T) {
	t.Helper()
	if len(c.deck) == 0 {
		c.deal()
	}
	s := c.sensors[c.random.IntN(len(c.sensors))]
	thing := c.deck[0]
	c.deck = c.deck[1:]
	c.done = append(c.done, time.Now().Format(time.StampMilli)+" "+thing+" "+s.name)
	switch {
	case thing == "sensor":
		from := time.Now()
		s.kill()
		c.kills.sensor++
		c.wait(0, 2*time.Second)
		s.start(t)
		s.outages = append(s.outages, [2]uint64{uint64(from.UnixNano()), uint64(time.Now().UnixNano())})
	case thing == "hub":
		c.hub.kill(t)
		c.kills.hub++
		c.wait(0, 2*time.Second)
		c.hub.start(t)
	case thing == "nats" && c.nats != nil:
		c.nats.kill()
		c.kills.nats++
		c.wait(0, 2*time.Second)
		c.nats.start(t)
	case thing == "cut":
		c.kills.cuts++
		s.wire.cut.Store(true)
		pause := time.Second + time.Duration(c.random.Int64N(int64(8*time.Second)))
		s.busy.Go(func() {
			timer := time.NewTimer(pause)
			<-timer.C
			s.wire.cut.Store(false)
		})
	case thing == "restart":
		c.restart(t, s)
	case thing == "fill":
		c.fill(t, c.sensors[2])
	}
}

// restart stops a sensor in order. What it would not see is not sent.
func (c *chaos) restart(t *testing.T, s *chaosSensor) {
	t.Helper()
	s.mirror.pause(true)
	defer s.mirror.pause(false)
	c.wait(time.Second, 2*time.Second) // what was sent is in the ring, and read from it
	s.end(t)
	s.start(t)
	c.kills.restarts++
}

// end stops a sensor in order.
func (s *chaosSensor) end(t *testing.T) {
	t.Helper()
	from := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it is there: nobody else ends it
	err := s.cmd.Wait()
	raw, _ := os.ReadFile(s.log)
	if err != nil {
		t.Errorf("%s ended with %v\n%s", s.name, err, tail(string(raw), 10))
	}
	if !strings.Contains(tail(string(raw), 1), "sealed_batches=0") {
		s.ended = from // what it had left is sealed later than this
	}
}

// fill takes all room of a sensor's disk for a while.
func (c *chaos) fill(t *testing.T, s *chaosSensor) {
	t.Helper()
	ballast := filepath.Join(s.disk, "ballast")
	f, err := os.OpenFile(ballast, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return // full already
	}
	defer f.Close()
	page := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(page)
	}
	c.kills.fills++
	from := time.Now()
	s.wire.cut.Store(true) // or the spool is emptied before it needs the room
	pause := 6*time.Second + time.Duration(c.random.Int64N(int64(6*time.Second)))
	s.busy.Go(func() {
		timer := time.NewTimer(pause)
		<-timer.C
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
		s.full = append(s.full, [2]uint64{uint64(from.UnixNano()), uint64(time.Now().Add(time.Second).UnixNano())})
		s.wire.cut.Store(false)
	})
}

// settle lets everything come to rest: no traffic, no faults, all sensors stopped in order and empty.
func (c *chaos) settle(t *testing.T) {
	t.Helper()
	for _, s := range c.sensors {
		s.busy.Wait()
		s.mirror.pause(true)
	}
	c.wait(time.Second, 2*time.Second) // what was sent last is in the ring, and read from it
	var group sync.WaitGroup
	for _, s := range c.sensors {
		group.Go(func() {
			for range 10 {
				at := size(s.log)
				s.end(t)
				raw, err := os.ReadFile(s.log)
				if err == nil && !strings.Contains(string(raw[at:]), "batches wait on disk") {
					return
				}
				s.start(t)
			}
			t.Errorf("%s cannot be emptied", s.name)
		})
	}
	group.Wait()
}

func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Sensors, hub and NATS are killed, lines cut, a disk filled, over lines with delay and loss, while
// traffic goes on. In the end what was sealed is stored or dropped with a reason, exactly and once,
// and what is missing of the traffic lies where a loss is reported.
func TestChaos(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root: network namespaces cannot be made")
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		t.Skip("/dev/net/tun is absent")
	}
	kills := 6 // the short form
	short := []string{"sensor", "cut", "nats", "fill", "sensor", "hub", "restart", "sensor", "nats"}
	if text := os.Getenv("WARDSCOPE_CHAOS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatalf("WARDSCOPE_CHAOS: %q is no number", text)
		}
	}
	for _, form := range []string{"external", "embedded"} {
		if form == "embedded" && os.Getenv("WARDSCOPE_CHAOS") == "" {
			continue // TestEveryEventOnceThroughKills has it
		}
		t.Run(form, func(t *testing.T) {
			c := newChaos(t, form == "external")
			if os.Getenv("WARDSCOPE_CHAOS") == "" {
				c.deck = short
			}
			stop := make(chan struct{})
			var group sync.WaitGroup
			for _, s := range c.sensors {
				group.Go(func() { s.mirror.run(t, stop) })
			}
			begin := time.Now()
			for c.kills.sensor+c.kills.hub+c.kills.nats < kills && !t.Failed() {
				c.act(t)
				c.wait(500*time.Millisecond, 3*time.Second)
			}
			c.settle(t)
			close(stop)
			group.Wait()
			t.Logf("%v: kills of sensors %d, of the hub %d, of NATS %d; restarts %d, cuts %d, full disks %d", time.Since(begin).Round(time.Second),
				c.kills.sensor, c.kills.hub, c.kills.nats, c.kills.restarts, c.kills.cuts, c.kills.fills)
			c.judge(t)
		})
	}
}
