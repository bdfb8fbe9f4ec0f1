package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/register"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// Reader is what the keeper asks of the store.
type Reader interface {
	Claims(ctx context.Context, f store.ClaimFilter, each func(store.Claim) error) error
	Sightings(ctx context.Context, scope store.Scope, each func(store.Sighting) error) error
	Usages(ctx context.Context, scope store.Scope, each func(store.Usage) error) error
	Totals(ctx context.Context) (store.Totals, error)
}

// Writer takes what was concluded, for SQL, and tells what an earlier run of the hub wrote.
type Writer interface {
	Devices(ctx context.Context, f store.DeviceFilter) ([]store.Device, error)
	Bindings(ctx context.Context, f store.BindingFilter, each func(store.Binding) error) error
	PutDevices(ctx context.Context, devices []store.Device) error
	PutBindings(ctx context.Context, bindings []store.Binding) error
}

// Config says how often the keeper looks.
type Config struct {
	Every time.Duration // how often to ask whether something arrived
}

// DefaultConfig looks every two seconds.
func DefaultConfig() Config { return Config{Every: 2 * time.Second} }

// Validate reports all faults at once.
func (c Config) Validate() error {
	if c.Every <= 0 {
		return errors.New("inventory.every: must be positive")
	}
	return nil
}

// Deps is what the keeper works with.
type Deps struct {
	Reader    Reader
	Writer    Writer // nil: devices are not written anywhere
	Knowledge *knowledge.Set
	Vendor    func(model.MAC) (string, bool) // maker by link address; nil when none is loaded
	Now       func() time.Time               // today, for support dates
	Log       *slog.Logger
}

// Snapshot is one resolved state. It is immutable.
type Snapshot struct {
	*inventory.Inventory
	Sites      *sites.Table
	Totals     store.Totals // as of the resolution
	ResolvedTo time.Time    // newest receive time that it rests on; zero when nothing has arrived
	Registers  []state.Register
	Match      *register.Report // of the registers; never nil
}

// Keeper keeps the newest snapshot.
type Keeper struct {
	cfg     Config
	deps    Deps
	current atomic.Pointer[Snapshot]
	poke    chan struct{}

	mu        sync.Mutex // guards knowledge, sites, decisions, registers
	knowledge *knowledge.Set
	sites     *sites.Table
	decisions *correction.Set
	registers []state.Register

	resolving sync.Mutex // one resolution at a time; guards what follows
	memory    inventory.Memory
	claims    claimCache
	written   map[string]uint64
	wrote     *inventory.Inventory // what written and bound are of; nil when that is not sure
	bound     map[string]store.Binding
	version   uint64
	recalled  bool // written and bound know what the store holds
}

// New returns a keeper with an empty inventory; Run fills it.
func New(cfg Config, deps Deps) *Keeper {
	k := &Keeper{cfg: cfg, deps: deps, poke: make(chan struct{}, 1), knowledge: deps.Knowledge, sites: sites.New(state.Sites{}), written: map[string]uint64{}, bound: map[string]store.Binding{}}
	k.current.Store(&Snapshot{Inventory: inventory.Resolve(&inventory.Input{Places: k.sites}, deps.Knowledge), Sites: k.sites, Match: &register.Report{}})
	return k
}

// Current is the newest snapshot, never nil.
func (k *Keeper) Current() *Snapshot { return k.current.Load() }

// SetSites takes a new declaration; the next resolution rests on it.
func (k *Keeper) SetSites(doc state.Sites) {
	k.mu.Lock()
	k.sites = sites.New(doc)
	k.mu.Unlock()
	k.Poke()
}

// SetDecisions takes the log of what people decided; the next resolution obeys it.
func (k *Keeper) SetDecisions(log []state.Correction) {
	set := correction.New(log)
	k.mu.Lock()
	k.decisions = set
	k.mu.Unlock()
	k.Poke()
}

// SetRegisters takes what was imported; the next resolution is held against it.
func (k *Keeper) SetRegisters(all []state.Register) {
	k.mu.Lock()
	k.registers = all
	k.mu.Unlock()
	k.Poke()
}

// SetKnowledge takes other rules; the next resolution reads by them.
func (k *Keeper) SetKnowledge(set *knowledge.Set) {
	k.mu.Lock()
	k.knowledge = set
	k.mu.Unlock()
	k.Poke()
}

// Try concludes what the inventory would be by other rules, and publishes nothing.
func (k *Keeper) Try(ctx context.Context, set *knowledge.Set) (*inventory.Inventory, error) {
	k.resolving.Lock()
	defer k.resolving.Unlock()
	in, _, registers, err := k.input(ctx, k.Current().ResolvedTo)
	if err != nil {
		return nil, fmt.Errorf("try rules: %w", err)
	}
	inv := inventory.Resolve(in, set)
	register.Enrich(inv, registers, set)
	return inv, nil
}

// Poke asks for a resolution soon, whether or not something arrived.
func (k *Keeper) Poke() {
	select {
	case k.poke <- struct{}{}:
	default: // one is asked for already
	}
}

// Run resolves whenever something arrived, until the context ends. A resolution that fails is
// logged and tried again. Between two resolutions it rests at least as long as one took.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(k.cfg.Every)
	defer tick.Stop()
	var rest time.Time
	forced := true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-k.poke:
			forced = true
		case <-tick.C:
		}
		began := k.deps.Now()
		if began.Before(rest) {
			continue
		}
		if err := k.step(ctx, forced); err != nil && ctx.Err() == nil {
			k.deps.Log.Warn("inventory not resolved", slog.String("error", err.Error()))
			continue
		}
		forced = false
		rest = k.deps.Now().Add(k.deps.Now().Sub(began))
	}
}

func (k *Keeper) step(ctx context.Context, forced bool) error {
	if !forced {
		t, err := k.deps.Reader.Totals(ctx)
		if err != nil {
			return err
		}
		if t.LastReceived.Equal(k.Current().ResolvedTo) && t == k.Current().Totals {
			return nil
		}
	}
	return k.Resolve(ctx)
}

// Resolve reads all and concludes anew, now.
func (k *Keeper) Resolve(ctx context.Context) error {
	k.resolving.Lock()
	defer k.resolving.Unlock()
	totals, err := k.deps.Reader.Totals(ctx) // first: what arrives while reading is resolved next time
	if err != nil {
		return fmt.Errorf("resolve inventory: %w", err)
	}
	in, set, registers, err := k.input(ctx, totals.LastReceived)
	if err != nil {
		return fmt.Errorf("resolve inventory: %w", err)
	}
	inv := k.memory.Resolve(in, set)
	match := register.Enrich(inv, registers, set)
	table, _ := in.Places.(*sites.Table)
	k.current.Store(&Snapshot{Inventory: inv, Sites: table, Totals: totals, ResolvedTo: totals.LastReceived, Registers: registers, Match: match})
	return k.write(ctx, inv)
}

// input gathers all that a resolution rests on, as of a receive time.
func (k *Keeper) input(ctx context.Context, to time.Time) (*inventory.Input, *knowledge.Set, []state.Register, error) {
	k.mu.Lock()
	set, table, decisions, registers := k.knowledge, k.sites, k.decisions, k.registers
	k.mu.Unlock()
	in := &inventory.Input{Places: table, Vendor: k.deps.Vendor, Now: k.deps.Now().UnixNano(), Decisions: decisions}
	return in, set, registers, k.read(ctx, in, to)
}

func (k *Keeper) read(ctx context.Context, in *inventory.Input, to time.Time) error {
	err := k.claims.read(ctx, k.deps.Reader, to, k.deps.Now())
	if err != nil {
		return err
	}
	in.Claims = k.claims.list
	err = k.deps.Reader.Sightings(ctx, store.Scope{}, func(s store.Sighting) error {
		in.Sightings = append(in.Sightings, inventory.Sighting{Site: s.Site, Realm: s.Realm, VLAN: s.VLAN, Addr: s.Addr, MAC: s.MAC,
			First: s.First.UnixNano(), Last: s.Last.UnixNano(), Packets: s.Packets})
		return nil
	})
	if err != nil {
		return err
	}
	return k.deps.Reader.Usages(ctx, store.Scope{}, func(u store.Usage) error {
		in.Usages = append(in.Usages, inventory.Usage{Site: u.Site, Realm: u.Realm, Addr: u.Addr, Offers: u.Offers, Service: u.Service,
			Peers: u.Peers, First: u.First.UnixNano(), Last: u.Last.UnixNano(), Count: u.Flows})
		return nil
	})
}
