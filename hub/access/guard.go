package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// ErrDenied says that a call carries no token, or one that is worth nothing.
var ErrDenied = errors.New("no valid token")

// Role is what a principal may do.
type Role string

// Admin may do everything.
const Admin Role = "admin"

// Principal is who calls.
type Principal struct {
	Name  string
	Role  Role
	Sites []model.SiteID // that they may see; nil means all
}

// Tokens knows the tokens there are; package state has them.
type Tokens interface {
	CheckAdminToken(ctx context.Context, token string) (bool, error)
}

// Deps is what a Guard works with.
type Deps struct {
	Tokens Tokens
	Now    func() time.Time
}

// remember is how long a good token is not asked for again: a replaced one works that long.
const remember = 3 * time.Second

// Guard checks callers.
type Guard struct {
	deps Deps

	mu   sync.Mutex
	good map[[sha256.Size]byte]time.Time // digest of a good token → until when
}

// New returns a guard.
func New(deps Deps) *Guard {
	return &Guard{deps: deps, good: map[[sha256.Size]byte]time.Time{}}
}

// maxToken bounds what is hashed, bytes.
const maxToken = 4096

// Check tells who a caller is by the value of an Authorization header. Its error is ErrDenied, or
// says that tokens cannot be checked now.
func (g *Guard) Check(ctx context.Context, header string) (Principal, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "bearer") || token == "" || len(token) > maxToken {
		return Principal{}, ErrDenied
	}
	sum, now := sha256.Sum256([]byte(token)), g.deps.Now()
	g.mu.Lock()
	until, ok := g.good[sum]
	g.mu.Unlock()
	if !ok || now.After(until) {
		good, err := g.deps.Tokens.CheckAdminToken(ctx, token)
		if err != nil {
			return Principal{}, fmt.Errorf("check token: %w", err)
		}
		g.mu.Lock()
		delete(g.good, sum)
		if good {
			g.good[sum] = now.Add(remember)
		}
		g.mu.Unlock()
		if !good {
			return Principal{}, ErrDenied
		}
	}
	return Principal{Name: "admin", Role: Admin}, nil
}

type principalKey struct{}

// With puts a principal into a context.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From is the principal of a context; the zero Principal when there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}
