package natslink

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/sensor/uplink/dial"
)

// Probe goes the way to the hub as a Link does, up to the login, and leaves again. Errors are
// *dial.Fault.
func Probe(ctx context.Context, cfg Config) (dial.Reach, error) {
	begin := time.Now()
	u, err := url.Parse(cfg.URL)
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return dial.Reach{}, &dial.Fault{Name: "configuration", Text: err.Error(), Remedy: "correct hub.nats, hub.websocket and hub.proxy", Cause: err}
	}
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), map[bool]string{true: "443", false: "4222"}[cfg.web()])
	}
	reach := dial.Reach{Address: address}
	tlsConfig, err := cfg.TLS.Load(begin)
	if err != nil {
		return reach, &dial.Fault{Name: "certificate", Text: err.Error(), Remedy: "enrol the sensor again, or correct hub.certificate, hub.key and hub.ca", Cause: err}
	}
	conn, err := cfg.dialer().Connect(ctx, address)
	if err != nil {
		return reach, err
	}
	defer func() { _ = conn.Close() }() // the probe is over
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a closed connection says so by itself
	}
	if !cfg.web() {
		if err := readInfo(conn); err != nil {
			return reach, notAHub(address, "hub.nats", err)
		}
	}
	secure, err := dial.Handshake(ctx, conn, tlsConfig, u.Hostname(), cfg.TLS.Cert)
	if err != nil {
		return reach, err
	}
	if cfg.web() {
		if reach.Clock, reach.Timed, err = askWeb(secure, u); err != nil {
			return reach, webFault(address, err)
		}
		err = loginWeb(cfg)
	} else {
		err = login(secure)
	}
	reach.Took = time.Since(begin)
	if err != nil {
		return reach, dial.NotTaken(address, err)
	}
	return reach, nil
}

func notAHub(address, key string, err error) error {
	return &dial.Fault{
		Name: "protocol", Text: fmt.Sprintf("%s answers, but not as a hub does (%v)", address, err),
		Remedy: "see that " + key + " names the hub's sensor listener, and that no other service or portal answers for it", Cause: err,
	}
}

// webFault tells a server that ended the connection over the certificate, which with TLS 1.3 shows
// only at the first answer, from one that speaks something else.
func webFault(address string, err error) error {
	if errors.Is(err, errNoUpgrade) {
		return notAHub(address, "hub.websocket", err)
	}
	return dial.NotTaken(address, err)
}

// readInfo takes the greeting of a NATS server, byte by byte: TLS begins right behind it.
func readInfo(conn net.Conn) error {
	var text []byte
	one := make([]byte, 1)
	for len(text) < 64<<10 {
		if _, err := io.ReadFull(conn, one); err != nil {
			return fmt.Errorf("read greeting: %w", err)
		}
		if text = append(text, one[0]); one[0] == '\n' {
			break
		}
		if n := min(len(text), 5); string(text[:n]) != "INFO "[:n] {
			break
		}
	}
	if !strings.HasPrefix(string(text), "INFO {") {
		return errors.New("no greeting")
	}
	return nil
}

// login says who the sensor is: with TLS 1.3 a refused certificate shows only at the first answer.
func login(hub io.ReadWriter) error {
	if _, err := io.WriteString(hub, `CONNECT {"verbose":false,"pedantic":false,"lang":"go","version":"check","protocol":1,"name":"wardscope-sensor check"}`+"\r\nPING\r\n"); err != nil {
		return err
	}
	lines := bufio.NewReader(hub)
	for range 16 {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "PONG") {
			return nil
		}
		if text, ok := strings.CutPrefix(line, "-ERR"); ok {
			return errors.New(strings.Trim(strings.TrimSpace(text), "'"))
		}
	}
	return errors.New("it does not answer a login")
}

var errNoUpgrade = errors.New("it makes no WebSocket")

// askWeb asks for a WebSocket (RFC 6455, section 4.1); the answer may have the hub's clock.
func askWeb(hub io.ReadWriter, u *url.URL) (offset time.Duration, timed bool, err error) {
	request, err := http.NewRequest(http.MethodGet, "https://"+u.Host+"/", nil) //nolint:noctx // written to a connection that has its deadline
	if err != nil {
		return 0, false, err
	}
	for key, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "d2FyZHNjb3BlIGNoZWNrIQ=="} {
		request.Header.Set(key, value)
	}
	if err := request.Write(hub); err != nil {
		return 0, false, err
	}
	response, err := http.ReadResponse(bufio.NewReader(hub), request)
	if err != nil {
		if strings.Contains(err.Error(), "malformed") {
			err = errNoUpgrade
		}
		return 0, false, err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		return 0, false, fmt.Errorf("%w: %s", errNoUpgrade, response.Status)
	}
	at, err := http.ParseTime(response.Header.Get("Date"))
	return time.Since(at), err == nil, nil
}

// loginWeb logs in over a WebSocket as a Link would.
func loginWeb(cfg Config) error {
	options, err := cfg.options()
	if err != nil {
		return err
	}
	nc, err := nats.Connect(cfg.URL, append(options, nats.NoReconnect())...)
	if err != nil {
		return err
	}
	nc.Close()
	return nil
}
