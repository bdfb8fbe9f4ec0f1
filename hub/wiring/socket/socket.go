package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// Name is the way in for commands on the same machine, in the data directory: who may open
// that folder may do what they can.
const Name = "hub.sock"

// at makes a name for the socket that is short enough however deep the folder lies: the kernel
// takes 107 bytes. It holds as long as the folder is open.
func at(dir *os.File) string { return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), Name) }

// fault is an error on its way through the socket.
type fault struct {
	Error string `json:"error"`
	Code  int    `json:"code"` // exit code
}

// RemoteError is what a running hub answered instead of a result.
type RemoteError struct{ fault fault }

// Code is the exit code that goes with it.
func (e *RemoteError) Code() int { return e.fault.Code }

// Error is the hub's own text.
func (e *RemoteError) Error() string { return e.fault.Error }

// ErrStopped says that no hub runs on the data directory.
var ErrStopped = errors.New("no hub runs on this data directory")

// Serve answers commands from the same machine until the context ends.
func Serve(ctx context.Context, dataDir string, handler http.Handler, log *slog.Logger) error {
	dir, err := os.Open(dataDir)
	if err != nil {
		return fmt.Errorf("open data directory: %w", err)
	}
	defer dir.Close()                           //nolint:errcheck // only its name is used
	_ = os.Remove(filepath.Join(dataDir, Name)) // of a hub that was killed: the folder's lock is ours
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", at(dir))
	if err != nil {
		return fmt.Errorf("listen for commands on %s: %w", filepath.Join(dataDir, Name), err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("answer commands: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close() // the handlers' contexts have ended: a backup under way is given up
	})
	return group.Wait()
}

// Reply sends a result, or an error with the exit code that goes with it.
func Reply(w http.ResponseWriter, v any, err error, exit func(error) int) {
	code := http.StatusOK
	if err != nil {
		code, v = http.StatusInternalServerError, fault{Error: err.Error(), Code: exit(err)}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the asker has gone: nobody to tell
}

// Ask asks the hub that runs on the data directory; ErrStopped when none does.
func Ask(ctx context.Context, dataDir, method, path string, request, answer any) error {
	dir, err := os.Open(dataDir)
	if err != nil {
		return fmt.Errorf("open data directory: %w; name it with --data-dir", err)
	}
	defer dir.Close() //nolint:errcheck // only its name is used
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("ask hub: %w", err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", at(dir))
		if err != nil {
			return nil, errors.Join(ErrStopped, err)
		}
		return c, nil
	}}
	defer transport.CloseIdleConnections()
	ask, err := http.NewRequestWithContext(ctx, method, "http://hub"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask hub: %w", err)
	}
	resp, err := (&http.Client{Transport: transport}).Do(ask)
	if err != nil {
		return fmt.Errorf("ask hub: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("ask hub: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		remote := &RemoteError{}
		if err := json.Unmarshal(raw, &remote.fault); err != nil || remote.fault.Error == "" {
			return fmt.Errorf("ask hub: it answered %s; is it of the same version?", resp.Status)
		}
		return remote
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("ask hub: %w", err)
	}
	return nil
}
