package state

import (
	"context"
	"fmt"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Enrolment is a token by which one sensor enrols, once. The token itself is kept nowhere.
type Enrolment struct {
	Digest  string         `json:"digest"` // SHA-256 of the token's secret, hexadecimal
	Site    model.SiteID   `json:"site"`
	Sensor  model.SensorID `json:"sensor"`
	Made    time.Time      `json:"made"`
	By      string         `json:"by"`
	Expires time.Time      `json:"expires"`

	// Valid iff Used is not zero: by whom, and what they got.
	Used        time.Time   `json:"used,omitzero"`
	Remote      string      `json:"remote,omitempty"`
	KeyID       string      `json:"key_id,omitempty"` // of the key that was certified
	Certificate Certificate `json:"certificate,omitzero"`
	PEM         string      `json:"pem,omitempty"`
}

// Short names a token where people see it; nobody finds the token by it.
func (e *Enrolment) Short() string { return e.Digest[:min(len(e.Digest), 8)] }

// forgetEnrolment is for how long a token that cannot be used any more stays known, so that a person
// who tries one learns why it is refused.
const forgetEnrolment = 30 * 24 * time.Hour

// PutEnrolment keeps a new token, and forgets those that ended long ago.
func (s *State) PutEnrolment(ctx context.Context, e Enrolment) error {
	old, err := s.Enrolments(ctx)
	if err != nil {
		return err
	}
	for i := range old {
		if old[i].Expires.Before(e.Made.Add(-forgetEnrolment)) {
			if err := s.control.Purge(ctx, subject.EnrolKey(old[i].Digest)); err != nil {
				return fmt.Errorf("forget enrolment token %s: %w", old[i].Short(), err)
			}
		}
	}
	_, err = put(ctx, s.control, subject.EnrolKey(e.Digest), e, 0)
	return err
}

// Enrolment finds a token by the secret that somebody shows, or ErrNotFound.
func (s *State) Enrolment(ctx context.Context, secret string) (Enrolment, uint64, error) {
	return get[Enrolment](ctx, s.control, subject.EnrolKey(EnrolmentDigest(secret)))
}

// UseEnrolment writes down who used the token of a revision, or returns ErrConflict: of two who come
// at the same moment one is the first.
func (s *State) UseEnrolment(ctx context.Context, e Enrolment, revision uint64) error {
	_, err := put(ctx, s.control, subject.EnrolKey(e.Digest), e, revision)
	return err
}

// Enrolments lists the tokens, in no order.
func (s *State) Enrolments(ctx context.Context) ([]Enrolment, error) {
	return list[Enrolment](ctx, s.control, subject.Enrolments)
}

// EnrolmentDigest is what is kept of a token's secret, which is random: no slow hash is needed.
func EnrolmentDigest(secret string) string { return digest(secret) }
