package spool_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
)

// filled makes a spool of two boots with three segments or so, of which the hub has some.
func filled(t testing.TB, dir string) (a *audit, data map[model.BatchID][]byte) {
	t.Helper()
	a, data = newAudit(t), map[model.BatchID][]byte{}
	for range 2 {
		c := config(dir)
		c.Fsync = spool.Fsync(time.Minute) // Shut syncs
		q := open(t, c)
		f := newFeeder(t, q)
		f.put = func(b observe.Sealed, done bool) {
			if done {
				data[b.ID] = b.Data
				a.sealed(b.ID.Epoch, b.ID.Sequence)
			}
		}
		for range 40 {
			f.must(t, 100)
		}
		shut(t, q)
		q = open(t, c)
		for range 30 {
			b, ok := next(t, q)
			if !ok {
				t.Fatal("nothing to take")
			}
			if b.ID.Sequence%7 == 0 {
				continue // under way, with no answer
			}
			a.store(b)
			if err := q.Ack(b.ID); err != nil {
				t.Fatal(err)
			}
		}
		shut(t, q)
	}
	return a, data
}

// Flip, zero or cut anything, once: no panic, all else comes back as it was, and what does not
// is told, unless the state that would know was what broke, which is told too.
func TestDamageIsToldAndContained(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	told := 0
	for i := range 150 {
		dir := t.TempDir()
		a, data := filled(t, dir)
		what := damage(t, dir, random)
		q := open(t, config(dir))
		newFeeder(t, q).must(t, 1)
		for _, b := range drain(t, q) {
			if want := data[b.ID]; want != nil && !bytes.Equal(b.Data, want) {
				t.Fatalf("%d, %s: batch %v came back changed", i, what, b.ID)
			}
			a.store(b)
		}
		shut(t, q)
		if _, lost := a.check(); lost > 0 {
			told++
		}
		if t.Failed() {
			t.Fatalf("%d: after %s", i, what)
		}
	}
	t.Logf("150 damages, of which %d cost batches, each told", told)
	if told == 0 {
		t.Error("no damage hit anything")
	}
}

func damage(t *testing.T, dir string, random *rand.Rand) (what string) {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "lock" {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	name := names[random.IntN(len(names))]
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	at := random.IntN(len(raw))
	if strings.Contains(name, "state") {
		at = random.IntN(300)
	}
	switch random.IntN(3) {
	case 0:
		raw[at] ^= 1 << random.IntN(8)
		what = "a flipped bit"
	case 1:
		n := min(len(raw)-at, 1+random.IntN(6000))
		clear(raw[at : at+n])
		what = fmt.Sprintf("%d zeros", n)
	default:
		raw = raw[:at]
		what = "a cut"
	}
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s at %d of %s", what, at, filepath.Base(name))
}

// A full disk: the sensor goes on, sheds with the reason, and recovers when there is room.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("absent: root, who may mount a small file system")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("absent: the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	c := config(filepath.Join(dir, "spool"))
	c.MaxBytes = 3 << 20 // more than the disk has
	q := open(t, c)
	f := newFeeder(t, q)
	a := newAudit(t)
	for range 500 {
		f.must(t, 100)
	}
	if tot := q.Totals(); tot.ShedBatches == 0 || tot.ShedBatches == tot.Batches {
		t.Errorf("totals on a full disk: %+v", tot)
	}
	// Somebody else takes what is left: even the newest batch finds no room.
	ballast := filepath.Join(dir, "ballast")
	for _, b := range drain(t, q) {
		a.store(b)
	}
	fill(t, ballast)
	for range 100 {
		f.must(t, 100)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	before := q.Totals().ShedBatches
	for range 20 {
		f.must(t, 100)
	}
	if after := q.Totals().ShedBatches; after != before {
		t.Errorf("%d batches were shed although there was room again", after-before)
	}
	f.must(t, 1)
	for _, b := range drain(t, q) {
		a.store(b)
	}
	a.sealed(q.Epoch(), 621)
	stored, lost := a.check()
	if stored+lost != 621 || lost == 0 {
		t.Errorf("621 sealed = %d stored + %d lost", stored, lost)
	}
	shut(t, q)
}

func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	for {
		if _, err := file.Write(block); err != nil {
			return
		}
	}
}
