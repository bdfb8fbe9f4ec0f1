package model

// Observation is one typed claim about a subject, with the protocol field that made it. It is
// never a conclusion.
type Observation struct {
	Subject     Subject
	Domain      DomainID
	VLAN        uint16
	Kind        Kind
	Value       string
	Source      string // protocol and field, e.g. "dhcp.option12"
	First, Last int64  // Unix nanoseconds
	Count       uint64
}

// Finding is a typed statement of weakness seen on the wire. The subject is what has to be
// fixed, the peer the other end.
type Finding struct {
	Type        FindingType
	Rule        string // rule id, e.g. "telnet.cleartext"
	RuleVersion uint32
	Subject     Subject
	Peer        Subject
	Port        uint16 // the server's port; 0 when none
	Protocol    uint8  // IANA protocol number
	Service     string
	Detail      string // which default, which version, which suite; never a secret
	Evidence    string // protocol field that showed it, e.g. "ftp.user"
	CommunityID string // of one flow that showed it
	Domain      DomainID
	VLAN        uint16
	First, Last int64
	Count       uint64
}

// Key joins what several sensors say of the same weakness: everything that identifies it and
// nothing that varies by observation. It does not name the site; the hub puts that in front.
func (f *Finding) Key() string {
	subject := f.Subject.Addr.String()
	if subject == "" {
		subject = f.Subject.MAC.String()
	}
	return f.Type.String() + "|" + f.Rule + "|" + subject + "|" + f.Subject.Part + "|" + f.Service + "|" + f.Detail
}

// Place is where a packet or event was lost.
type Place uint8

// The places.
const (
	PlaceUnset Place = iota
	PlaceKernel
	PlaceInterface
	PlaceSoftnet
	PlaceDecode
	PlaceFlowTable
	PlaceReassembly
	PlaceFragments
	PlaceObserve
	PlaceSpool
	PlaceUplink
	PlaceUncleanStop
	PlacePrivacy // left out on purpose: a personal network
)

var placeNames = [...]string{"unset", "kernel", "interface", "softnet", "decode", "flow_table", "reassembly", "fragments", "observe", "spool", "uplink", "unclean_stop", "privacy"}

// String is the lower-case name.
func (p Place) String() string {
	if int(p) < len(placeNames) {
		return placeNames[p]
	}
	return "unset"
}

// Loss says that something was left out, where, and how much of it.
type Loss struct {
	Place         Place
	Reason        string
	Domain        DomainID
	First, Last   int64 // the interval in which it happened, Unix nanoseconds
	Packets       uint64
	Events        uint64
	Batches       uint64
	FirstSequence uint64 // of batches shed; valid iff Batches > 0
	LastSequence  uint64
}

// Stats says what a sensor's view was worth, by observation domain, VLAN and minute.
type Stats struct {
	Domain            DomainID
	VLAN              uint16
	Minute            int64 // start of the minute, Unix nanoseconds; 0 in the total of a file
	Packets           uint64
	Octets            uint64
	Hosts             uint64
	TCPConversations  uint64
	TCPOneWay         uint64 // conversations of which one direction was never seen
	UnseenAckedOctets uint64 // acknowledged by the receiver, never seen by us
	Duplicates        uint64
	Truncated         uint64
	Undecoded         uint64 // packets with a header that could not be read
	TooLittle         bool   // too little traffic to judge loss by
	Drops             []Drop
	Interfaces        []Interface
}

// Drop counts packets lost at one place.
type Drop struct {
	Place   Place
	Packets uint64
}

// Interface says whether a capture interface could transmit, which it must not.
type Interface struct {
	Name      string
	CanSend   bool
	Reasons   []string // e.g. "has address 10.1.2.3/24"
	Remedies  []string // commands that silence it
	LinkUp    bool
	SameAsHub bool // the uplink to the hub leaves by this interface
}

// BatchID identifies what a sensor sends. Epoch is the sensor's boot.
type BatchID struct {
	Site     SiteID
	Sensor   SensorID
	Epoch    uint64
	Sequence uint64
}

// Batch is a set of events in row form, as a sensor seals it.
type Batch struct {
	ID           BatchID
	Sealed       int64 // Unix nanoseconds
	ClockOffset  int64 // sensor clock minus hub clock, nanoseconds, as last measured; 0 unknown
	Version      string
	Flows        []Flow
	Observations []Observation
	Findings     []Finding
	Losses       []Loss
	Stats        []Stats
}

// Events counts the rows of b.
func (b *Batch) Events() int {
	return len(b.Flows) + len(b.Observations) + len(b.Findings) + len(b.Losses) + len(b.Stats)
}
