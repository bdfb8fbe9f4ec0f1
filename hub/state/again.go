package state

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/wardscope/wardscope/internal/subject"
)

// AgainKey is the secret by which hubs that share this state know a batch that one of them takes out
// of quarantine: a sensor cannot pass one off as such. The first hub that asks makes it.
func (s *State) AgainKey(ctx context.Context) ([]byte, error) {
	for {
		key, _, err := get[[]byte](ctx, s.control, subject.KeyAgain)
		if !errors.Is(err, ErrNotFound) {
			return key, err
		}
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
		if _, err = put(ctx, s.control, subject.KeyAgain, key, 0); !errors.Is(err, ErrConflict) {
			return key, err
		}
	}
}
