package spool_test

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
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
)

const childFolder = "WARDSCOPE_TEST_SPOOL"

// TestMain lets the test binary play the sensor that is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := child(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// line is what the child says in its journal before anything else can happen.
type line struct {
	Ready  uint64        // an epoch was opened
	Sealed model.BatchID // Put has returned
	Stored model.BatchID // the hub has it
	Events int
	Losses []model.Loss
}

type journal struct{ file *os.File }

func (j journal) say(l line) error {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = j.file.Write(append(text, '\n')) // one write: a kill leaves it whole or absent
	}
	return err
}

// child seals and delivers until it is killed. The hub is away most of the time, so that batches
// are shed as well.
func child(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "journal"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c := config(filepath.Join(dir, "spool"))
	c.FreshFor, c.MaxBytes = 20*time.Millisecond, 1<<20
	if os.Getenv("WARDSCOPE_TEST_FSYNC") != "" {
		c.Fsync = spool.Fsync(5 * time.Millisecond)
	}
	q, err := spool.Open(c, spool.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	codec, err := event.NewCodec()
	if err != nil {
		return err
	}
	j := journal{file}
	if err := j.say(line{Ready: q.Epoch()}); err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString("r"); err != nil {
		return err
	}
	failed := make(chan error, 3)
	go func() { failed <- q.Run(context.Background(), nil) }()
	go func() { failed <- childHub(q, codec, j) }()
	go func() { failed <- childSealer(q, j) }()
	return <-failed
}

func childHub(q *spool.Queue, codec *event.Codec, j journal) error {
	if rand.IntN(3) > 0 {
		select {} // not reached in this life, so that batches pile up on any machine
	}
	var flying []observe.Sealed
	for {
		b, err := q.Next(context.Background())
		if err != nil {
			return err
		}
		flying = append(flying, b)
		if len(flying) < 1+rand.IntN(spool.MaxInFlight-1) {
			continue
		}
		if rand.IntN(3) == 0 { // away for a while
			wait(time.Duration(rand.IntN(60)) * time.Millisecond)
		}
		rand.Shuffle(len(flying), func(a, b int) { flying[a], flying[b] = flying[b], flying[a] })
		keep := rand.IntN(len(flying))
		for _, b := range flying[keep:] {
			batch, err := codec.Decode(b.Data)
			if err != nil {
				return err
			}
			if err := j.say(line{Stored: b.ID, Events: b.Events, Losses: batch.Losses}); err != nil {
				return err
			}
			if err := q.Ack(b.ID); err != nil {
				return err
			}
		}
		flying = flying[:keep]
	}
}

func wait(d time.Duration) { <-time.After(d) }

func childSealer(q *spool.Queue, j journal) error {
	sealer, err := observe.NewSealer("north", "n1", q.Epoch(), "test")
	if err != nil {
		return err
	}
	f := &feeder{sealer: sealer, queue: q, random: rand.New(rand.NewPCG(q.Epoch(), 1))}
	var last error
	f.put = func(b observe.Sealed, done bool) {
		if done {
			_, err := os.Stdout.WriteString("p")
			last = errors.Join(last, err, j.say(line{Sealed: b.ID}))
		}
	}
	for last == nil {
		last = f.feed(1 + rand.IntN(1500))
	}
	return last
}

// Whatever is killed and whenever: sealed = stored + told as lost, batch by batch; and each
// unclean stop is told once.
func TestKillsLoseNothingSilently(t *testing.T) {
	for _, fsync := range []string{"", "interval"} {
		t.Run("fsync "+map[bool]string{true: "each batch", false: "by interval"}[fsync == ""], func(t *testing.T) {
			dir := t.TempDir()
			const kills = 30
			for range kills {
				killChild(t, dir, fsync)
			}
			a := newAudit(t)
			ready := readJournal(t, a, filepath.Join(dir, "journal"))
			q := open(t, config(filepath.Join(dir, "spool")))
			newFeeder(t, q).must(t, 1)
			left := 0
			for _, b := range drain(t, q) {
				a.store(b)
				left++
			}
			shut(t, q)
			stored, lost := a.check()
			if a.unclean < ready || a.unclean > kills { // some were killed between the opening and the journal
				t.Errorf("%d unclean stops told; %d processes were killed, of which %d had said that they run", a.unclean, kills, ready)
			}
			if len(a.unranged) > 0 {
				t.Errorf("unexpected losses: %+v", a.unranged)
			}
			t.Logf("%d kills: %d batches sealed = %d stored (%d of them after the last kill) + %d told as lost", ready, stored+lost, stored, left, lost)
			if lost == 0 || left == 0 {
				t.Error("nothing was shed or nothing was left: the test is too tame")
			}
		})
	}
}

// killChild runs the child until a random moment after it has begun to open the spool.
func killChild(t *testing.T, dir, fsync string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir, "WARDSCOPE_TEST_FSYNC="+fsync)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// One byte when the spool is open and one a batch: a busy machine only takes longer. Each fifth
	// child may die while it opens the spool.
	if rand.IntN(5) > 0 {
		if _, err := io.ReadFull(out, make([]byte, 1+rand.IntN(50))); err != nil {
			t.Fatalf("the child ended by itself: %v", err)
		}
	}
	wait(time.Duration(rand.IntN(20)) * time.Millisecond)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatalf("the child ended by itself: %v", err)
	}
	_ = cmd.Wait() // the signal is the error
}

// readJournal plays what the children said; ready is how many of them had a queue.
func readJournal(t *testing.T, a *audit, path string) (ready int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		switch {
		case l.Ready > 0:
			ready++
		case l.Sealed.Sequence > 0:
			a.sealed(l.Sealed.Epoch, l.Sealed.Sequence)
		default:
			a.take(l.Stored, l.Losses)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return ready
}
