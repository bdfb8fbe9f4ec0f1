package live

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/geo"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/store"
)

// Store is what assessments rest on.
type Store interface {
	External(ctx context.Context, f store.ExternalFilter) ([]store.External, error)
	Findings(ctx context.Context, f store.FindingFilter) ([]store.Finding, *store.FindingCursor, error)
}

// Inventory has the devices.
type Inventory interface {
	Current() *live.Snapshot
}

// Deps is what a Keeper works with.
type Deps struct {
	Store     Store
	Inventory Inventory
	Geo       *geo.Table // nil: places are unknown
	Ratings   *exposure.Ratings
	// Advisories are those in use; nil takes those that the program carries.
	Advisories func() *advisory.Pack
	Now        func() time.Time
}

// Keeper keeps the newest assessment over all time.
type Keeper struct {
	deps     Deps
	renewing sync.Mutex // held from reading the inventory to keeping what it came to

	mu      sync.Mutex
	of      *live.Snapshot
	made    time.Time
	value   *exposure.Assessment
	renewed bool // Run renews it: readers need not

	standing lasting
}

// lasting keeps what is weak about the devices of the newest inventory.
type lasting struct {
	mu   sync.Mutex // held while it is found: who comes then waits for it
	of   *live.Snapshot
	pack *advisory.Pack
	is   *exposure.Standing
}

func (l *lasting) stand(snap *live.Snapshot, pack *advisory.Pack) *exposure.Standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.is == nil || l.of != snap || l.pack != pack {
		l.of, l.pack, l.is = snap, pack, exposure.Stand(snap.Inventory, pack)
	}
	return l.is
}

// New returns a keeper that has assessed nothing yet.
func New(deps Deps) *Keeper {
	if deps.Advisories == nil {
		deps.Advisories = func() *advisory.Pack { return nil }
	}
	return &Keeper{deps: deps}
}

// keep is how long an assessment is told again when nobody renews it.
const keep = 5 * time.Second

// Current is the assessment of everything held: while Run renews it, the newest there is.
func (k *Keeper) Current(ctx context.Context, snap *live.Snapshot) (*exposure.Assessment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.deps.Now()
	if k.value != nil && (k.renewed || k.of == snap && now.Sub(k.made) <= keep) {
		return k.value, nil
	}
	value, err := k.Assess(ctx, snap, store.Period{})
	if err != nil {
		return nil, err
	}
	k.of, k.made, k.value = snap, now, value
	return value, nil
}

// renewEvery is how often Run looks for a new inventory.
const renewEvery = 500 * time.Millisecond

// Run renews the assessment whenever the inventory was resolved anew, so that no caller waits for
// it, until the context ends.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		pause := tick.C
		if !k.assessed(k.deps.Inventory.Current()) {
			began := time.Now()
			_ = k.Renew(ctx)                                       // what fails is tried again, and by the next caller, who hears why
			pause = time.After(max(renewEvery, time.Since(began))) // a busy store is not asked without rest
		}
		select {
		case <-ctx.Done():
		case <-pause:
		}
	}
	k.mu.Lock()
	k.renewed = false
	k.mu.Unlock()
	return nil
}

// Renew assesses what the inventory says now, unless that is done.
func (k *Keeper) Renew(ctx context.Context) error {
	k.renewing.Lock() // an older assessment must not end last
	defer k.renewing.Unlock()
	snap := k.deps.Inventory.Current()
	if k.assessed(snap) {
		return nil
	}
	value, err := k.Assess(ctx, snap, store.Period{})
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.renewed = err == nil; err == nil {
		k.of, k.made, k.value = snap, k.deps.Now(), value
	}
	return err
}

func (k *Keeper) assessed(snap *live.Snapshot) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of == snap
}

// Assess assesses one period.
func (k *Keeper) Assess(ctx context.Context, snap *live.Snapshot, p store.Period) (*exposure.Assessment, error) {
	in := &exposure.Input{Inventory: snap.Inventory, Sites: snap.Sites, Geo: k.deps.Geo, Ratings: k.deps.Ratings}
	reads, both := errgroup.WithContext(ctx)
	reads.Go(func() error {
		in.Standing = k.standing.stand(snap, k.deps.Advisories())
		return nil
	})
	reads.Go(func() (err error) {
		in.Findings, err = k.findings(both, p)
		return err
	})
	reads.Go(func() (err error) {
		in.External, err = k.deps.Store.External(both, store.ExternalFilter{Period: p, Known: snap.Sites.Known()})
		return err
	})
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	return exposure.Assess(in), nil
}

// pageOfFindings is how many joined findings are read at a time.
const pageOfFindings = 50_000

// findings reads the joined findings of a period, all of them.
func (k *Keeper) findings(ctx context.Context, p store.Period) ([]store.Finding, error) {
	var out []store.Finding
	f := store.FindingFilter{Period: p, Limit: pageOfFindings}
	for {
		page, next, err := k.deps.Store.Findings(ctx, f)
		if err != nil {
			return nil, err
		}
		if out = append(out, page...); next == nil {
			return out, nil
		}
		f.After = next
	}
}
