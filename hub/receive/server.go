package receive

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed" // the accounts
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

//go:embed accounts.conf
var accountsText string

var accountsTemplate = template.Must(template.New("accounts").Parse(accountsText))

// Accounts are the values that accounts.conf is filled with.
type Accounts struct {
	HubPassword string
	SysPassword string
	Issuer      string // public account key that signs logins
	XKey        string // public curve key that login requests are encrypted for; "" for none
}

// Text is the accounts part of a server's configuration file.
func (a Accounts) Text() (string, error) {
	var b bytes.Buffer
	err := accountsTemplate.Execute(&b, struct {
		Accounts
		Ingress, Control string
	}{a, subject.Ingress, subject.ControlIngress})
	if err != nil {
		return "", fmt.Errorf("fill accounts of the server: %w", err)
	}
	return b.String(), nil
}

// options makes the embedded server's settings.
func (r *Receiver) options(accounts Accounts) (*server.Options, error) {
	text, err := accounts.Text()
	if err != nil {
		return nil, err
	}
	opts := &server.Options{}
	if err := opts.ProcessConfigString(text); err != nil {
		return nil, fmt.Errorf("read accounts of the server: %w", err)
	}
	if opts.Host, opts.Port, err = place(r.cfg.Listen); err != nil {
		return nil, err
	}
	opts.TLS, opts.TLSVerify = true, true
	config, err := r.SensorTLS(opts.Host)
	if err != nil {
		return nil, err
	}
	opts.TLSConfig = r.onceServing(config)
	opts.TLSTimeout = callTimeout.Seconds()
	if r.cfg.WebSocket != "" {
		if err := r.webSocket(opts); err != nil {
			return nil, err
		}
	}
	opts.ServerName = "wardscope-hub"
	opts.JetStream, opts.StoreDir = true, r.cfg.Dir
	opts.SyncAlways = true // an acknowledged batch survives a power cut
	opts.JetStreamMaxStore = r.cfg.MaxBytes + stateBytes
	opts.JetStreamMaxMemory = stateBytes
	opts.MaxPayload = 2 << 20
	opts.NoSigs, opts.DisableShortFirstPing = true, true
	return opts, nil
}

// place parts host:port; port 0 asks the server for a free one.
func place(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("listen for sensors: %w", err)
	}
	if port, err = strconv.Atoi(text); err != nil {
		return "", 0, fmt.Errorf("listen for sensors on %s: port %q is no number", address, text)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

// SensorTLS is the configuration of a listener for sensors: the hub's certificate under all names by
// which they reach it, host among them, renewed while it runs, and no connection without a client
// certificate.
func (r *Receiver) SensorTLS(host string) (*tls.Config, error) {
	shown, err := r.deps.Authority.Rotating(r.names(host), false, r.deps.Now)
	if err != nil {
		return nil, err
	}
	return mtls.ServerBy(shown.Get, r.deps.Authority.Pool()), nil
}

// startWait is for how long a handshake waits for a hub that is starting: less than callTimeout, in
// which the server wants it done.
const startWait = callTimeout - time.Second

// errStarting ends a handshake with a hub that takes long to start.
var errStarting = errors.New("the hub is starting")

// onceServing holds handshakes back until logins are answered: the server would refuse a sensor that
// comes before as if it were a stranger.
func (r *Receiver) onceServing(config *tls.Config) *tls.Config {
	get := config.GetCertificate
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		late := time.NewTimer(startWait)
		defer late.Stop()
		select {
		case <-r.serving:
			return get(hello)
		case <-late.C:
			return nil, errStarting
		}
	}
	return config
}

// webSocket adds the listener over WebSocket. It has a TLS configuration of its own: without client
// authentication there too, everybody could try to log in.
func (r *Receiver) webSocket(opts *server.Options) (err error) {
	web := &opts.Websocket
	if web.Host, web.Port, err = place(r.cfg.WebSocket); err != nil {
		return err
	}
	config, err := r.SensorTLS(web.Host)
	if err != nil {
		return err
	}
	web.TLSConfig = r.onceServing(config)
	web.HandshakeTimeout = callTimeout
	web.AuthTimeout = callTimeout.Seconds()
	web.Compression = false // batches are compressed
	return nil
}

// start runs the embedded server until ready.
func (r *Receiver) start(ctx context.Context, opts *server.Options) error {
	if err := probe(ctx, r.cfg.Listen, "receive.listen"); err != nil {
		return err
	}
	if r.cfg.WebSocket != "" {
		if err := probe(ctx, r.cfg.WebSocket, "receive.websocket"); err != nil {
			return err
		}
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("make NATS server: %w", err)
	}
	logger := &serverLog{log: r.deps.Log, fatal: make(chan string, 1)}
	srv.SetLoggerV2(logger, false, false, false)
	srv.Start()
	r.server = srv
	if srv.ReadyForConnections(readyTimeout) && srv.JetStreamEnabled() {
		return nil
	}
	select {
	case text := <-logger.fatal:
		return fmt.Errorf("start NATS server: %s", text)
	default:
		return fmt.Errorf("start NATS server: not ready after %s", readyTimeout)
	}
}

// probe says clearly what the server would only log.
func probe(ctx context.Context, address, key string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen for sensors on %s: %w; stop the other program or set %s", address, ErrPortInUse, key)
	}
	if err != nil {
		return fmt.Errorf("listen for sensors on %s: %w", address, err)
	}
	return l.Close()
}

// serverLog passes the server's log on. What it would end the program for, Start returns.
type serverLog struct {
	log   *slog.Logger
	fatal chan string
}

func (l *serverLog) text(format string, v []any) slog.Attr {
	return slog.String("text", fmt.Sprintf(format, v...))
}

func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug("nats server", l.text(format, v)) }
func (l *serverLog) Debugf(format string, v ...any)  { l.log.Debug("nats server", l.text(format, v)) }
func (l *serverLog) Tracef(format string, v ...any)  { l.log.Debug("nats server", l.text(format, v)) }
func (l *serverLog) Warnf(format string, v ...any) {
	level := slog.LevelWarn
	if strings.HasPrefix(format, "Plaintext passwords") {
		level = slog.LevelDebug // they are of this run, and never leave this process
	}
	l.log.LogAttrs(context.Background(), level, "nats server", l.text(format, v))
}
func (l *serverLog) Errorf(format string, v ...any) { l.log.Warn("nats server", l.text(format, v)) }

func (l *serverLog) Fatalf(format string, v ...any) {
	l.log.Error("nats server", l.text(format, v))
	select {
	case l.fatal <- fmt.Sprintf(format, v...):
	default: // the first one is the cause
	}
}
