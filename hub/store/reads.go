package store

import (
	"context"
	"time"

	"github.com/wardscope/wardscope/hub/store/people"
	"github.com/wardscope/wardscope/internal/model"
)

// Period is a half-open interval [From, To); a zero bound is open.
type Period struct{ From, To time.Time }

// Scope narrows a read to sites and one realm; nil and "" mean all.
type Scope struct {
	Sites []model.SiteID
	Realm model.Realm
}

// AddrRange is an inclusive range of addresses, IPv4 mapped; one address has
// From equal to To.
type AddrRange struct{ From, To model.Addr }

// FlowFilter selects flows; zero fields do not narrow. A flow matches an
// address, MAC or port when either end has it (port: the responder's only).
type FlowFilter struct {
	Scope
	Period      // by the flow's start
	Addrs       []model.Addr
	Peers       []model.Addr // with Addrs: one end in Addrs, the other in Peers
	MAC         model.MAC
	Port        uint16
	Protocol    uint8
	Services    []string
	CommunityID string
	Sensor      model.SensorID
	Limit       int // rows a page; 0 means 100, at most 10,000
	After       *FlowCursor
}

// FlowCursor is the place after a row in the order of Flows: newest start
// first, then by the row's name.
type FlowCursor struct {
	Start    int64 // Unix microseconds
	Sensor   model.SensorID
	Epoch    uint64
	Sequence uint64
	Row      uint32
}

// FlowPage is one page of flows; Next is nil on the last.
type FlowPage struct {
	Flows []FlowRow
	Next  *FlowCursor
}

// EdgeFilter selects edges by hour; zero fields do not narrow.
type EdgeFilter struct {
	Scope
	Period   // by the hour that holds the flow's corrected start
	Addrs    []model.Addr
	Peers    []model.Addr
	Services []string
	Port     uint16
	Limit    int // 0 means 10,000
}

// Edge is what two endpoints said to each other over a period: for each hour
// the most octets, packets and flows count that one vantage saw, by direction,
// so a flow seen twice counts once.
type Edge struct {
	Realm                              model.Realm
	Initiator, Responder               model.Addr
	Protocol                           uint8
	Port                               uint16 // the responder's
	Service                            string
	InitiatorOctets, ResponderOctets   uint64
	InitiatorPackets, ResponderPackets uint64
	Flows, EncryptedFlows              uint64
	First, Last                        time.Time
	Sites                              []model.SiteID // where it was seen
	Vantages                           []string       // "sensor/domain"
}

// ExternalFilter selects edges of which at least one end lies in none of the
// Known ranges (own, partner, and what is no unicast address).
type ExternalFilter struct {
	Scope
	Period
	Known []AddrRange
	Limit int // 0 means 100,000
}

// External is an edge that leaves the known ranges.
type External struct {
	Edge
	InitiatorExternal, ResponderExternal bool
	ServerNames                          []string // that clients ever asked for, at most 8
}

// ClaimFilter selects claims; zero fields do not narrow.
type ClaimFilter struct {
	Scope
	ReceivedSince time.Time // claims made or refreshed since the hub's receive time
	Addrs         []model.Addr
	MACs          []model.MAC
	Kinds         []model.Kind
}

// Claim is everything said by all sensors of one site that is equal but for its time.
type Claim struct {
	Site         model.SiteID
	Realm        model.Realm
	Subject      model.Subject
	Kind         model.Kind
	Value        string
	Source       string
	First, Last  time.Time // corrected event time
	LastReceived time.Time
	Count        uint64
	Sensors      []model.SensorID
	VLANs        []uint16
}

// FindingFilter selects findings; zero fields do not narrow.
type FindingFilter struct {
	Scope
	Period       // the finding was seen in it: last ≥ From and first < To
	Types        []model.FindingType
	Rules        []string
	Services     []string
	HideServices []string
	Addrs        []model.Addr // of the subject
	Key          string
	Limit        int // 0 means 1,000
	After        *FindingCursor
}

// FindingCursor is the place after a finding in the order of Findings: by
// site, realm and key.
type FindingCursor struct {
	Site  model.SiteID
	Realm model.Realm
	Key   string
}

// Finding is a sensor finding joined over sensors, peers and time.
type Finding struct {
	Site        model.SiteID
	Realm       model.Realm
	Key         string
	Type        model.FindingType
	Rule        string
	RuleVersion uint32
	Subject     model.Subject
	Port        uint16
	Protocol    uint8
	Service     string
	Detail      string
	Evidence    string
	CommunityID string // of the newest flow that showed it
	First, Last time.Time
	Count       uint64
	Peers       uint64 // distinct
	Sensors     []model.SensorID
}

// FindingPeer is one other end of a finding.
type FindingPeer struct {
	Peer        model.Subject
	First, Last time.Time
	Count       uint64
	CommunityID string
}

// Coverage says what a view rests on: one sensor's domain and VLAN over a period.
type Coverage struct {
	Site              model.SiteID
	Sensor            model.SensorID
	Domain            model.DomainID
	VLAN              uint16
	Minutes           uint64 // with a record
	TooLittleMinutes  uint64 // with too little traffic to judge
	First, Last       time.Time
	Packets, Octets   uint64
	Hosts             uint64 // most in one minute
	TCPConversations  uint64
	TCPOneWay         uint64
	UnseenAckedOctets uint64
	Duplicates        uint64
	Truncated         uint64
	Undecoded         uint64
	Drops             []model.Drop
	Interfaces        []model.Interface // of the newest record that has any
}

// Ledger is the account of one sensor: what its batches held and what was stored.
type Ledger struct {
	Site           model.SiteID
	Sensor         model.SensorID
	Epoch          uint64
	Batches        uint64
	FirstSequence  uint64
	LastSequence   uint64
	Sealed, Stored Counts
	Rows           Counts // counted in the tables themselves; by Recount alone
	Dropped        uint64
	Quarantined    uint64 // batches
	ClockOffset    int64  // newest, nanoseconds
	Version        string // newest
	LastReceived   time.Time
}

// DeviceFilter selects devices; zero fields do not narrow.
type DeviceFilter struct {
	Scope
	IDs        []string
	Addrs      []model.Addr
	MACs       []model.MAC
	Categories []string
	Types      []string
	Text       string // part of name, vendor, model, OS or serial, any case
	Limit      int    // 0 means 1,000
	AfterID    string // order is by id
}

// BindingFilter selects bindings; zero fields do not narrow.
type BindingFilter struct {
	Scope
	Addrs   []model.Addr
	Devices []string
	At      time.Time // the binding held at that time
}

// What people ask by SQL, and get; see package people.
type (
	// PeopleQuery is a statement written by a person.
	PeopleQuery = people.Query
	// Table is an answer to a person's statement.
	Table = people.Table
	// Column names a column and its ClickHouse type.
	Column = people.Column
	// StatementError says why a person's statement is not run.
	StatementError = people.StatementError
)

// OpenTables lists the tables that SQL from people may name.
func OpenTables() []string { return people.OpenTables() }

// Query runs a SELECT written by a person: on the tables of OpenTables, on
// rows of their sites, within limits. Its errors are *StatementError, or the
// engine's *clickhouse.Exception.
func (s *Store) Query(ctx context.Context, q PeopleQuery) (Table, error) { return s.people.Run(ctx, q) }
