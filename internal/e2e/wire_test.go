package e2e_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// wire joins two network namespaces by a line with delay and loss, which may be cut: a process of
// its own end passes IP packets between two tun devices, because a kernel need not have netem.
type wire struct {
	ends  [2]*os.File
	delay time.Duration
	loss  float64
	cut   atomic.Bool

	passed, lost atomic.Uint64
	group        sync.WaitGroup
}

// newWire makes the line and gives its ends addresses; it lives until the test ends.
func newWire(t *testing.T, delay time.Duration, loss float64, ns, address [2]string) *wire {
	t.Helper()
	w := &wire{delay: delay, loss: loss}
	for i := range w.ends {
		f, err := tunIn(ns[i], "wswire")
		if err != nil {
			t.Fatal(err)
		}
		w.ends[i] = f
		device := deviceName(f)
		ip(t, "-n", ns[i], "address", "add", address[i]+"/30", "dev", device)
		ip(t, "-n", ns[i], "link", "set", device, "up")
	}
	for i := range w.ends {
		w.group.Go(func() { w.pass(w.ends[i], w.ends[1-i]) })
	}
	t.Cleanup(func() {
		for _, f := range w.ends {
			_ = f.Close()
		}
		w.group.Wait()
	})
	return w
}

// names of the devices, by file.
var devices sync.Map

func deviceName(f *os.File) string {
	name, _ := devices.Load(f)
	text, _ := name.(string)
	return text
}

// tunIn opens a tun device inside a namespace, on a thread of its own, which ends.
func tunIn(ns, prefix string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	ready := make(chan opened)
	go func() {
		runtime.LockOSThread() // never unlocked: a thread that changed its namespace must not be used again
		f, err := tun(ns, prefix)
		ready <- opened{f, err}
	}()
	o := <-ready
	return o.f, o.err
}

func tun(ns, prefix string) (*os.File, error) {
	handle, err := unix.Open("/var/run/netns/"+ns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(handle)
	if err := unix.Setns(handle, unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq(prefix + "%d")
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	f := os.NewFile(uintptr(fd), request.Name())
	devices.Store(f, request.Name())
	return f, nil
}

// pass carries packets one way. What waits is bounded as in a router: more is lost.
func (w *wire) pass(from, to *os.File) {
	type packet struct {
		data []byte
		due  time.Time
	}
	queue := make(chan packet, 2048)
	w.group.Go(func() {
		for p := range queue {
			if wait := time.Until(p.due); wait > 0 {
				timer := time.NewTimer(wait)
				<-timer.C
			}
			if w.cut.Load() {
				w.lost.Add(1)
			} else if _, err := to.Write(p.data); err == nil {
				w.passed.Add(1)
			}
		}
	})
	defer close(queue)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if w.cut.Load() || rand.Float64() < w.loss {
			w.lost.Add(1)
			continue
		}
		select {
		case queue <- packet{append([]byte(nil), buffer[:n]...), time.Now().Add(w.delay)}:
		default:
			w.lost.Add(1)
		}
	}
}
