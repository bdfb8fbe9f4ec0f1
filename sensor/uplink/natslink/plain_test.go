package natslink_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/sensor/uplink/natslink"
)

// Refusals that a starting hub causes say so, and stay what they are.
func TestRefusalsSayWhatTheyMayMean(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{fmt.Errorf("connect: %w", nats.ErrAuthorization), "or is just starting"},
		{errors.New("remote error: tls: internal error"), "the hub is starting"},
		{errors.New("connection refused"), ""},
		{nil, ""},
	} {
		got := natslink.Plain(c.err)
		if !errors.Is(got, c.err) || c.says != "" && !strings.Contains(got.Error(), c.says) || c.says == "" && !errors.Is(c.err, got) {
			t.Errorf("%v became %v, want %q", c.err, got, c.says)
		}
	}
}
