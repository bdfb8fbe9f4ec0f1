package receive

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

const (
	queue         = "wardscope-hub" // one of several hubs answers a login
	sensorSubs    = 8               // subscriptions that a sensor needs at most: its inbox
	xkeyHeader    = "Nats-Server-Xkey"
	sensorAccount = "SENSORS"
)

// Serve answers logins by the Admitter until the context ends, and then returns nil. Sensors
// that are connected stay connected.
func (r *Receiver) Serve(ctx context.Context, admit Admitter) error {
	requests := make(chan *nats.Msg, 1024) // full: the client library drops, and the sensor tries again
	sub, err := r.hub.ChanQueueSubscribe(subject.AuthCallout, queue, requests)
	if err != nil {
		return fmt.Errorf("listen for logins: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := r.hub.FlushTimeout(callTimeout); err != nil { // else the server may not know it yet
		return fmt.Errorf("listen for logins: %w", err)
	}
	r.once.Do(func() { close(r.serving) })
	for {
		select {
		case <-ctx.Done():
			return nil
		case msg := <-requests:
			if err := r.answer(ctx, admit, msg); err != nil {
				r.deps.Log.Warn("login not answered", slog.Any("error", err))
			}
		}
	}
}

// answer decides one login. A refusal is an answer too, so the sensor need not wait.
func (r *Receiver) answer(ctx context.Context, admit Admitter, msg *nats.Msg) error {
	data, serverKey, err := r.decrypt(msg)
	if err != nil {
		return err
	}
	request, err := jwt.DecodeAuthorizationRequestClaims(string(data))
	if err != nil {
		return fmt.Errorf("read login request: %w", err)
	}
	response := jwt.NewAuthorizationResponseClaims(request.UserNkey)
	response.Audience = request.Server.ID
	id, token, err := r.login(ctx, admit, request)
	if err != nil {
		response.Error = "not admitted" // the reason is the hub's own affair
		r.deps.Log.Warn("login refused", slog.String("remote", request.ClientInformation.Host), slog.Any("error", err))
	} else {
		response.Jwt = token
		r.deps.Log.Info("sensor connected", slog.String("site", string(id.Site)), slog.String("sensor", string(id.Sensor)),
			slog.String("remote", request.ClientInformation.Host))
	}
	text, err := response.Encode(r.signer)
	if err != nil {
		return fmt.Errorf("sign login: %w", err)
	}
	out := []byte(text)
	if r.xkey != nil {
		if out, err = r.xkey.Seal(out, serverKey); err != nil {
			return fmt.Errorf("encrypt login: %w", err)
		}
	}
	return msg.Respond(out)
}

// decrypt takes the encryption off a request; serverKey is valid iff there was one.
func (r *Receiver) decrypt(msg *nats.Msg) (data []byte, serverKey string, err error) {
	serverKey = msg.Header.Get(xkeyHeader)
	switch {
	case r.xkey == nil && serverKey == "":
		return msg.Data, "", nil
	case r.xkey == nil || serverKey == "":
		return nil, "", errors.New("read login request: xkey is set on one side only")
	}
	if data, err = r.xkey.Open(msg.Data, serverKey); err != nil {
		return nil, "", fmt.Errorf("decrypt login request: %w", err)
	}
	return data, serverKey, nil
}

func (r *Receiver) login(ctx context.Context, admit Admitter, request *jwt.AuthorizationRequestClaims) (mtls.Identity, string, error) {
	cert, err := r.certificate(request.TLS)
	if err != nil {
		return mtls.Identity{}, "", err
	}
	id, err := mtls.PeerIdentity(cert)
	if err != nil {
		return mtls.Identity{}, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := admit.Admit(ctx, id, mtls.Serial(cert)); err != nil {
		return mtls.Identity{}, "", err
	}
	token, err := r.user(request.UserNkey, id, cert.NotAfter)
	return id, token, err
}

// certificate takes the sensor's certificate out of a request and verifies it again: an external
// server may trust more authorities than we do.
func (r *Receiver) certificate(state *jwt.ClientTLS) (*x509.Certificate, error) {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) == 0 {
		return nil, errNoChain
	}
	if state.Version != requiredTLS {
		return nil, fmt.Errorf("TLS version %q, want %s", state.Version, requiredTLS)
	}
	cert, err := mtls.ParseCertificate([]byte(state.VerifiedChains[0][0]))
	if err != nil {
		return nil, fmt.Errorf("read certificate of login: %w", err)
	}
	_, err = cert.Verify(x509.VerifyOptions{
		Roots: r.deps.Authority.Pool(), CurrentTime: r.deps.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, fmt.Errorf("verify certificate of login: %w", err)
	}
	return cert, nil
}

// user is the permission slip of a sensor: publish and report as itself, read its own answers.
func (r *Receiver) user(key string, id mtls.Identity, notAfter time.Time) (string, error) {
	u := jwt.NewUserClaims(key)
	u.Name = string(id.Sensor)
	u.Audience = sensorAccount
	end := r.deps.Now().Add(tokenLife)
	if notAfter.Before(end) {
		end = notAfter
	}
	u.Expires = end.Unix()
	u.Pub.Allow.Add(subject.Events(id.Site, id.Sensor))
	u.Pub.Allow.Add(subject.Control(id.Site, id.Sensor))
	u.Sub.Allow.Add(subject.Inbox(id.Sensor))
	u.Limits.Subs = sensorSubs
	u.Limits.Payload = maxBatchBytes + maxHeaderBytes
	text, err := u.Encode(r.signer)
	if err != nil {
		return "", fmt.Errorf("sign login of %s: %w", id, err)
	}
	return text, nil
}
