package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/backup"
	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// hub is the parts of a hub that a backup is about.
type hub struct {
	t     *testing.T
	dir   string
	store *store.Store
	rx    *receive.Receiver
	state *state.State
	in    *ingest.Ingest
	stop  func() // ends all of it
}

func target(dir string) backup.Target {
	s := store.DefaultConfig()
	s.DataDir = filepath.Join(dir, "engine")
	r := receive.DefaultConfig()
	r.Dir, r.Listen = filepath.Join(dir, "nats"), "127.0.0.1:0"
	return backup.Target{Dir: dir, Authority: filepath.Join(dir, "ca"), Knowledge: filepath.Join(dir, "knowledge"), Store: s, Receive: r, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, dir string) *hub {
	t.Helper()
	to := target(dir)
	h := &hub{t: t, dir: dir}
	authority, err := mtls.OpenAuthority(to.Authority, "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if h.store, err = store.Open(t.Context(), to.Store); err != nil {
		t.Fatal(err)
	}
	if h.rx, err = receive.New(to.Receive, receive.Deps{Authority: authority, Log: to.Log, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if err := h.rx.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.state, err = state.Open(t.Context(), h.rx.JetStream(), state.Config{Replicas: 1}); err != nil {
		t.Fatal(err)
	}
	cfg := ingest.DefaultConfig()
	cfg.Linger = 10 * time.Millisecond
	if h.in, err = ingest.New(cfg, ingest.Deps{JetStream: h.rx.JetStream(), State: h.state, Store: h.store, Log: to.Log}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.in.Run(ctx) }()
	ended := false
	h.stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		err := <-done
		h.rx.Close()
		if err := errors.Join(err, h.store.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(h.stop)
	return h
}

func (h *hub) source() backup.Source {
	return backup.Source{
		Store: h.store, State: h.state, Ingest: h.in, Authority: filepath.Join(h.dir, "ca"), Knowledge: filepath.Join(h.dir, "knowledge"), Version: "test", Now: time.Now,
		Unread: func(ctx context.Context, fn func(ingest.Unread) error) error {
			return ingest.EachUnread(ctx, h.rx.JetStream(), h.state, fn)
		},
	}
}

// Each batch has two flows, and one row of each other kind.
func send(t *testing.T, h *hub, codec *event.Codec, sensor string, sequence uint64) {
	t.Helper()
	const t0 = 1_700_000_000_000_000_000
	id := model.BatchID{Site: "north", Sensor: model.SensorID(sensor), Epoch: 7, Sequence: sequence}
	flow := model.Flow{
		Start: t0, End: t0 + int64(sequence)*1000, Protocol: 6, InitiatorOctets: sequence,
		Initiator: model.Endpoint{Addr: model.AddrFrom4([]byte{10, 1, 2, 3}), Port: 1024}, Responder: model.Endpoint{Addr: model.AddrFrom4([]byte{10, 9, 0, 1}), Port: 80},
	}
	data, err := codec.Encode(&model.Batch{
		ID: id, Sealed: t0, Version: "test", Flows: []model.Flow{flow, flow},
		Observations: []model.Observation{{Subject: model.Subject{MAC: 0x0200}, Kind: model.KindHostname, Value: "ct-03", Source: "dhcp.option12", First: t0, Last: t0, Count: 1}},
		Findings:     []model.Finding{{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", Subject: model.Subject{MAC: 1}, First: t0, Last: t0, Count: 1}},
		Losses:       []model.Loss{{Place: model.PlaceKernel, Packets: 3, First: t0, Last: t0}},
		Stats:        []model.Stats{{Minute: t0, Packets: 10}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := ingest.PutUnread(t.Context(), h.rx.JetStream(), ingest.Unread{Subject: subject.Events(id.Site, id.Sensor), ID: subject.MessageID(id), Data: data}); err != nil {
		t.Fatal(err)
	}
}

var sensors = []string{"n1", "n2", "n3"}

const unreadable = "n1/7/1000" // by its message id

func rowsOf(batches, bad uint64) map[string]uint64 {
	return map[string]uint64{
		"batches": batches + bad, "flows": 2 * batches, "observations": batches, "findings": batches, "losses": batches, "sensor_stats": batches, "quarantine": bad,
	}
}

// until waits for the tables to hold exactly want, and fails when a table passes it.
func (h *hub) until(want map[string]uint64) {
	h.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var got map[string]uint64
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-tick.C {
		var err error
		if got, err = h.store.IngestRows(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		if cmp.Equal(want, got) {
			return
		}
		for table, n := range got {
			if n > want[table] {
				h.t.Fatalf("table %s has %d rows, want %d: something is stored twice", table, n, want[table])
			}
		}
	}
	h.t.Fatalf("not within a minute (-want +got):\n%s", cmp.Diff(want, got))
}

// A hub is backed up while sensors send. The restored one has what the backup counted, stores the
// batches that were waiting, and then gets everything once more: nothing is missing or twice.
func TestRestoredHubNeitherLosesNorDoubles(t *testing.T) {
	storetest.Engine(t)
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	const before, during, after = 40, 40, 20
	h := open(t, t.TempDir())
	if _, err := h.state.PutSites(t.Context(), state.Sites{Sites: []state.Site{{ID: "north", Realm: "campus"}}}, 0); err != nil {
		t.Fatal(err)
	}
	if err := ingest.PutUnread(t.Context(), h.rx.JetStream(), ingest.Unread{Subject: subject.Events("north", "n1"), ID: unreadable, Data: []byte("no batch")}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(h.dir, "knowledge"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "knowledge", "own.pack"), []byte("signed"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := uint64(1); i <= before; i++ {
		for _, s := range sensors {
			send(t, h, codec, s, i)
		}
	}
	type result struct {
		m   backup.Manifest
		err error
	}
	out := t.TempDir()
	made := make(chan result, 1)
	go func() {
		m, err := backup.Write(t.Context(), h.source(), out)
		made <- result{m, err}
	}()
	for i := uint64(before + 1); i <= before+during; i++ {
		for _, s := range sensors {
			send(t, h, codec, s, i)
		}
	}
	r := <-made
	if r.err != nil {
		t.Fatal(r.err)
	}
	for i := uint64(before + during + 1); i <= before+during+after; i++ {
		for _, s := range sensors {
			send(t, h, codec, s, i)
		}
	}
	all := uint64(len(sensors) * (before + during + after))
	h.until(rowsOf(all, 1)) // the hub that was backed up goes on
	h.stop()
	if r.m.Rows["batches"]+r.m.Batches < uint64(len(sensors)*before)+1 {
		t.Errorf("backup holds %d stored and %d waiting batches, and %d had been acknowledged before it", r.m.Rows["batches"], r.m.Batches, len(sensors)*before+1)
	}
	t.Logf("backup of %d stored and %d waiting batches, %d bytes, ingest paused %v", r.m.Rows["batches"], r.m.Batches, r.m.Bytes, r.m.Paused.Round(time.Millisecond))

	dir := filepath.Join(t.TempDir(), "restored")
	m, err := backup.Restore(t.Context(), r.m.Path, target(dir))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.m.Rows, m.Rows); diff != "" {
		t.Errorf("manifest (-written +read):\n%s", diff)
	}
	for _, name := range []string{"ca/ca.pem", "ca/ca-key.pem", "knowledge/own.pack"} {
		old, err := os.ReadFile(filepath.Join(h.dir, name))
		again, err2 := os.ReadFile(filepath.Join(dir, name))
		if err := errors.Join(err, err2); err != nil || !bytes.Equal(old, again) {
			t.Errorf("%s is another one: %v", name, err)
		}
	}
	b := open(t, dir)
	held := r.m.Rows["batches"] - r.m.Rows["quarantine"] + r.m.Batches
	bad := r.m.Rows["quarantine"]
	if bad == 0 { // it was among those that waited
		held, bad = held-1, 1
	}
	b.until(rowsOf(held, bad))
	for i := uint64(1); i <= before+during+after; i++ {
		for _, s := range sensors {
			send(t, b, codec, s, i)
		}
	}
	b.until(rowsOf(all, 1))
	sites, err := b.state.Sites(t.Context())
	if err != nil || len(sites.Sites) != 1 || sites.Sites[0].Realm != "campus" {
		t.Errorf("sites: got %+v %v", sites, err)
	}
	if _, err := backup.Write(t.Context(), b.source(), r.m.Path); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("over an old backup: got %v", err)
	}
}

// Whatever is wrong with the file or the folder, nothing is made of it and the folder stays as it was.
func TestRestoreRefuses(t *testing.T) {
	storetest.Engine(t)
	h := open(t, t.TempDir())
	m, err := backup.Write(t.Context(), h.source(), filepath.Join(t.TempDir(), "new")+"/")
	if err != nil {
		t.Fatal(err)
	}
	h.stop()
	whole, err := os.ReadFile(m.Path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(m.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a file with keys has mode %v, %v", info.Mode(), err)
	}
	file := func(name string, raw []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, dir, says string
	}{
		{name: "absent", path: filepath.Join(t.TempDir(), "none.tar"), says: "no such file"},
		{name: "no backup", path: file("text.tar", bytes.Repeat([]byte("hello "), 500)), says: "not a whole backup"},
		{name: "empty", path: file("empty.tar", nil), says: "not a whole backup"},
		{name: "cut off", path: file("cut.tar", whole[:len(whole)/2]), says: "unexpected EOF"},
		{name: "one byte changed", path: file("changed.tar", changed(t, whole, "ca/ca.pem")), says: "another checksum"},
		{name: "forged name", path: file("forged.tar", archive(t, "ca/../../escape")), says: `it holds "ca/../../escape"`},
		{name: "folder in use", path: m.Path, dir: full, says: "it holds thesis.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := c.dir
			if dir == "" {
				dir = t.TempDir()
			}
			before, _ := os.ReadDir(dir) // a folder just made can be read
			_, err := backup.Restore(t.Context(), c.path, target(dir))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
				t.Errorf("the folder holds %v afterwards, %v", after, err)
			}
		})
	}
	external := target(t.TempDir())
	external.Store.DSN = "clickhouse://x"
	if _, err := backup.Restore(t.Context(), m.Path, external); err == nil || !strings.Contains(err.Error(), "means of their own") {
		t.Errorf("external: got %v", err)
	}
}

// changed flips a bit in the content of one part.
func changed(t *testing.T, whole []byte, name string) []byte {
	t.Helper()
	at := bytes.Index(whole, []byte(name+"\x00"))
	if at < 0 {
		t.Fatalf("no %s in the backup", name)
	}
	out := bytes.Clone(whole)
	out[at+512+40] ^= 1 // a tar header has 512 bytes
	return out
}

func archive(t *testing.T, name string) []byte {
	t.Helper()
	var raw bytes.Buffer
	w := tar.NewWriter(&raw)
	if err := w.WriteHeader(&tar.Header{Name: name, Size: 1, Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "x"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

type full struct{}

// Backup fails as a full disk does.
func (full) Backup(context.Context, string) (string, error) {
	return "", fmt.Errorf("backup: no space left on device")
}

// IngestRows counts nothing.
func (full) IngestRows(context.Context) (map[string]uint64, error) { return nil, nil }

// A backup that fails leaves no file, and ingest goes on.
func TestFailedBackupLeavesNothing(t *testing.T) {
	storetest.Engine(t)
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, t.TempDir())
	src := h.source()
	src.Store = full{}
	out := t.TempDir()
	if _, err := backup.Write(t.Context(), src, out); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	send(t, h, codec, "n1", 1)
	h.until(rowsOf(1, 0))
}
