package wiring

import (
	"context"
	"errors"

	"github.com/wardscope/wardscope/hub/backup"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/engine"
	"github.com/wardscope/wardscope/hub/wiring/socket"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Exit codes of all Wardscope programs.
const (
	exitDamaged = 1 // input damaged or unreadable
	exitUsage   = 2 // usage or configuration
	exitMissing = 3 // dependency missing or unreachable
	exitLocked  = 4 // somebody else holds it
)

// ExitCode is what a program ends with for an error of this package.
func ExitCode(err error) int {
	var (
		missing *engine.MissingError
		locked  *engine.LockedError
		foreign *engine.ForeignError
		port    *PortError
		schema  *store.SchemaError
		remote  *socket.RemoteError
	)
	switch {
	case errors.As(err, &remote):
		return remote.Code()
	case errors.As(err, &locked), errors.Is(err, receive.ErrLocked):
		return exitLocked
	case errors.As(err, &missing), errors.Is(err, context.DeadlineExceeded):
		return exitMissing
	case errors.Is(err, mtls.ErrPassphrase), errors.As(err, &foreign), errors.As(err, &port), errors.Is(err, receive.ErrForeign), errors.Is(err, receive.ErrPortInUse), errors.Is(err, backup.ErrNotEmpty):
		return exitUsage
	case errors.As(err, &schema), errors.Is(err, backup.ErrDamaged):
		return exitDamaged
	}
	return exitMissing
}

// Migrate brings the tables of a stopped hub to this version.
func Migrate(ctx context.Context, cfg *Config) error {
	s, err := store.Open(ctx, cfg.store())
	if err != nil {
		return err
	}
	return s.Close()
}
