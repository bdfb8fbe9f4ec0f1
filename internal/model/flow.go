package model

// EndReason says why a flow record was written (IPFIX information element 136, flowEndReason;
// values above 5 are ours).
type EndReason uint8

// The end reasons.
const (
	EndUnset    EndReason = iota
	EndIdle               // idle timeout
	EndActive             // active timeout or hour border: the flow goes on, this is a delta
	EndDetected           // FIN or RST seen
	EndForced             // sensor stopped or end of file
	EndLack               // evicted: the flow table's ceiling was reached
)

var endNames = [...]string{"unset", "idle", "active", "end", "forced", "lack"}

// String is the lower-case name.
func (r EndReason) String() string {
	if int(r) < len(endNames) {
		return endNames[r]
	}
	return "unset"
}

// Encap is a set of encapsulations that were taken off a packet.
type Encap uint32

// The encapsulations.
const (
	EncapVLAN Encap = 1 << iota
	EncapQinQ
	EncapMPLS
	EncapPPPoE
	EncapGRE
	EncapERSPAN
	EncapVXLAN
	EncapGENEVE
	EncapCAPWAP
	EncapIPIP
	EncapTeredo
	EncapVNTag
	EncapLLC
	EncapGTP
)

var encapNames = [...]string{"vlan", "qinq", "mpls", "pppoe", "gre", "erspan", "vxlan", "geneve", "capwap", "ipip", "teredo", "vntag", "llc", "gtp"}

// Names lists the set's members in the order of the constants.
func (e Encap) Names() []string {
	var out []string
	for i, n := range encapNames {
		if e&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// Verb is what an operation does, normalised over protocols.
type Verb uint8

// The verbs.
const (
	VerbUnset Verb = iota
	VerbRead
	VerbWrite
	VerbQuery
	VerbStore
	VerbMove
	VerbExecute
	VerbLogin
	VerbAssociate
	VerbNotify
	VerbConfigure
	VerbDelete
)

var verbNames = [...]string{"unset", "read", "write", "query", "store", "move", "execute", "login", "associate", "notify", "configure", "delete"}

// String is the lower-case name.
func (v Verb) String() string {
	if int(v) < len(verbNames) {
		return verbNames[v]
	}
	return "unset"
}

// Result is how an operation ended, as far as seen.
type Result uint8

// The results.
const (
	ResultUnset Result = iota
	ResultOK
	ResultRefused
	ResultFailed
)

var resultNames = [...]string{"unset", "ok", "refused", "failed"}

// String is the lower-case name.
func (r Result) String() string {
	if int(r) < len(resultNames) {
		return resultNames[r]
	}
	return "unset"
}

// Operation is a normalised, counted action on a flow: "store CT image, ok, 120 times".
type Operation struct {
	Verb   Verb
	Object string // object class of the protocol, e.g. "ct-image", "ORU^R01", "holding-register"
	Result Result
	Count  uint32
}

// Flow is one bidirectional conversation or a delta of it, within one observation domain.
// Counters have IPFIX meanings (RFC 7011, 7012, 5103): octets are IP octets of the innermost
// packet. Times are Unix nanoseconds by the sensor's clock.
type Flow struct {
	Start, End          int64
	Domain              DomainID
	Initiator           Endpoint
	Responder           Endpoint
	Protocol            uint8 // IANA protocol number
	Service             string
	InitiatorOctets     uint64
	ResponderOctets     uint64
	InitiatorPackets    uint64
	ResponderPackets    uint64
	InitiatorFlags      uint8 // union of TCP flags; valid iff Protocol is 6
	ResponderFlags      uint8
	InitiatorInferred   bool // the initiator was chosen by service-port evidence, not by a seen opening
	VLAN                uint16
	InnerVLAN           uint16 // valid iff Encap has EncapQinQ
	Encap               Encap
	EndReason           EndReason
	HandshakeRTT        int64 // nanoseconds from SYN to the ACK of SYN-ACK; 0 when not seen
	Retransmitted       uint32
	Duplicated          uint32 // packets the mirror showed twice
	CommunityID         string // Community ID v1, seed 0; made where a flow is shown, empty before
	Operations          []Operation
	ServerName          string // TLS SNI, HTTP host, QUIC: what the client asked for
	ALPN                string
	Version             string // of the service protocol, e.g. "TLS 1.2", "SMB 3.1.1"
	Encrypted           bool
	OuterInitiator      Addr // outermost tunnel ends; valid iff Encap has a tunnel
	OuterResponder      Addr
	FirstOfConversation bool // false for a delta after an active-timeout record
}
