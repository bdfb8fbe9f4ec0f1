package ingest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Environment of the hub process that a crash test starts and kills.
const (
	crashDir    = "WARDSCOPE_TEST_CRASH_DIR"
	crashListen = "WARDSCOPE_TEST_CRASH_LISTEN"
	crashEngine = "WARDSCOPE_TEST_CRASH_ENGINE" // set: the real engine instead of a file
)

// enrolled is a sensor that the parent process made a certificate for.
type enrolled struct {
	ID     mtls.Identity
	Serial string
}

const (
	sensorsFile = "sensors.json"
	groupsFile  = "groups.jsonl"
	engineDir   = "engine"
)

// crashHub is a hub's receive and ingest in one process, until killed.
func crashHub(dir string) error {
	ctx := context.Background()
	authority, err := mtls.OpenAuthority(filepath.Join(dir, "authority"), "test", time.Now())
	if err != nil {
		return err
	}
	cfg := receive.DefaultConfig()
	cfg.Dir, cfg.Listen, cfg.Duplicates = filepath.Join(dir, "stream"), os.Getenv(crashListen), time.Second
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	rx, err := receive.New(cfg, receive.Deps{Authority: authority, Log: log, Now: time.Now})
	if err != nil {
		return err
	}
	if err := rx.Start(ctx); err != nil {
		return err
	}
	st, err := state.Open(ctx, rx.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		return err
	}
	if err := registerAll(ctx, st, dir); err != nil {
		return err
	}
	var to ingest.Store
	if os.Getenv(crashEngine) != "" {
		sc := store.DefaultConfig()
		sc.DataDir = filepath.Join(dir, engineDir)
		if to, err = store.Open(ctx, sc); err != nil {
			return err
		}
	} else if to, err = openFileStore(filepath.Join(dir, groupsFile)); err != nil {
		return err
	}
	ic := quick()
	if os.Getenv(crashEngine) == "" {
		ic.MaxRows = 60 // small groups: many decisions, many commits
	}
	in, err := ingest.New(ic, ingest.Deps{JetStream: rx.JetStream(), State: st, Store: to, Log: log})
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return rx.Serve(ctx, st.Roll()) })
	g.Go(func() error { return in.Run(ctx) })
	if os.Getenv(crashEngine) != "" {
		g.Go(func() error { return tellProgress(ctx, in, filepath.Join(dir, progressFile)) })
	}
	return g.Wait()
}

// progressFile says how many rows have been stored since the start.
const progressFile = "progress"

func tellProgress(ctx context.Context, in *ingest.Ingest, name string) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		rows := uint64(0)
		for _, s := range in.Status() {
			rows += s.Rows
		}
		if err := os.WriteFile(name, fmt.Append(nil, rows), 0o600); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func registerAll(ctx context.Context, st *state.State, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, sensorsFile))
	if err != nil {
		return err
	}
	var all []enrolled
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for _, e := range all {
		if err := st.RegisterSensor(ctx, e.ID, state.Certificate{Serial: e.Serial, Issued: time.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// line is what fileStore keeps of a group.
type line struct {
	Token   string
	Batches []string
	Flows   int
}

// fileStore is a store on a file: durable, knows tokens, and fails like a bad network: it refuses
// some groups, loses the answer of some, and stores some long after the client gave up.
type fileStore struct {
	mu     sync.Mutex
	file   *os.File
	tokens map[string]bool
}

func openFileStore(name string) (*fileStore, error) {
	lines, whole, err := readGroups(name)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(whole); err != nil { // a torn last line was never confirmed
		return nil, err
	}
	if _, err := f.Seek(whole, io.SeekStart); err != nil {
		return nil, err
	}
	s := &fileStore{file: f, tokens: map[string]bool{}}
	for _, l := range lines {
		s.tokens[l.Token] = true
	}
	return s, nil
}

// readGroups reads the lines that are whole, and how many bytes they take.
func readGroups(name string) (lines []line, whole int64, err error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReader(f)
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", len(lines)+1, err)
		}
		lines, whole = append(lines, l), whole+int64(len(text))
	}
}

func (s *fileStore) InsertGroup(_ context.Context, g store.Group) error {
	switch rand.IntN(33) {
	case 0, 1:
		return errInjected
	case 2:
		go func() {
			<-time.After(time.Duration(rand.IntN(3000)) * time.Millisecond)
			_ = s.apply(g) // nobody listens any more
		}()
		return errInjected
	case 3, 4:
		return errors.Join(s.apply(g), errInjected)
	}
	return s.apply(g)
}

func (s *fileStore) apply(g store.Group) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens[g.Token] {
		return nil
	}
	l := line{Token: g.Token, Flows: len(g.Flows)}
	for _, b := range g.Batches {
		l.Batches = append(l.Batches, name(b.Stamp))
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := s.file.Write(append(text, '\n')); err != nil {
		return err
	}
	s.tokens[g.Token] = true
	return s.file.Sync()
}
