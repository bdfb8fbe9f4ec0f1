package event

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// FlowRow converts a flow to the row form of JSON and API.
func FlowRow(f *model.Flow) *eventv1.Flow {
	out := &eventv1.Flow{
		Start: stamp(f.Start), End: stamp(f.End), ObservationDomain: uint32(f.Domain),
		Initiator: endpoint(f.Initiator), Responder: endpoint(f.Responder), IpProtocol: uint32(f.Protocol), Service: f.Service,
		InitiatorOctets: f.InitiatorOctets, ResponderOctets: f.ResponderOctets,
		InitiatorPackets: f.InitiatorPackets, ResponderPackets: f.ResponderPackets,
		InitiatorTcpFlags: uint32(f.InitiatorFlags), ResponderTcpFlags: uint32(f.ResponderFlags), InitiatorInferred: f.InitiatorInferred,
		Encapsulation: f.Encap.Names(), CommunityId: f.CommunityID, EndReason: eventv1.EndReason(f.EndReason),
		HandshakeRttUs: uint64(max(0, f.HandshakeRTT) / 1000), RetransmittedPackets: f.Retransmitted, DuplicatedPackets: f.Duplicated,
		ServerName: f.ServerName, Alpn: f.ALPN, Version: f.Version, Encrypted: f.Encrypted, FirstOfConversation: f.FirstOfConversation,
	}
	for _, v := range []uint16{f.VLAN, f.InnerVLAN} {
		if v != 0 {
			out.VlanIds = append(out.VlanIds, uint32(v))
		}
	}
	if !f.OuterInitiator.IsZero() {
		out.OuterIps = []string{f.OuterInitiator.String(), f.OuterResponder.String()}
	}
	for _, o := range f.Operations {
		out.Operations = append(out.Operations, &eventv1.Operation{
			Verb: eventv1.Verb(o.Verb), Object: o.Object, Result: eventv1.Result(o.Result), Count: o.Count,
		})
	}
	return out
}

// ObservationRow converts an observation to the row form.
func ObservationRow(o *model.Observation) *eventv1.Observation {
	return &eventv1.Observation{
		Subject: subjectRow(o.Subject), Kind: eventv1.ObservationKind(o.Kind), Value: o.Value, Source: o.Source,
		FirstSeen: stamp(o.First), LastSeen: stamp(o.Last), Count: o.Count, ObservationDomain: uint32(o.Domain), VlanId: uint32(o.VLAN),
	}
}

// FindingRow converts a finding to the row form.
func FindingRow(f *model.Finding) *eventv1.Finding {
	return &eventv1.Finding{
		Type: eventv1.FindingType(f.Type), Subject: subjectRow(f.Subject), Peer: subjectRow(f.Peer), Service: f.Service, Port: uint32(f.Port),
		IpProtocol: uint32(f.Protocol), Rule: f.Rule, RuleVersion: f.RuleVersion, Detail: f.Detail, Evidence: f.Evidence,
		CommunityId: f.CommunityID, Count: f.Count, FirstSeen: stamp(f.First), LastSeen: stamp(f.Last), Key: f.Key(),
		ObservationDomain: uint32(f.Domain), VlanId: uint32(f.VLAN),
	}
}

// LossRow converts a loss to the row form.
func LossRow(l *model.Loss) *eventv1.Loss {
	return &eventv1.Loss{
		Place: eventv1.LossPlace(l.Place), Reason: l.Reason, First: stamp(l.First), Last: stamp(l.Last), Packets: l.Packets, Events: l.Events,
		Batches: l.Batches, FirstSequence: l.FirstSequence, LastSequence: l.LastSequence, ObservationDomain: uint32(l.Domain),
	}
}

// StatsRow converts statistics to the row form.
func StatsRow(s *model.Stats) *eventv1.Stats {
	return &eventv1.Stats{
		Packets: s.Packets, Octets: s.Octets, ObservationDomain: uint32(s.Domain), VlanId: uint32(s.VLAN), Minute: stamp(s.Minute), Hosts: s.Hosts,
		TcpConversations: s.TCPConversations, TcpOneWay: s.TCPOneWay, UnseenAckedOctets: s.UnseenAckedOctets, Duplicates: s.Duplicates,
		Truncated: s.Truncated, Undecoded: s.Undecoded, TooLittle: s.TooLittle, Drops: drops(s.Drops), Interfaces: interfaces(s.Interfaces),
	}
}

func stamp(ns int64) *timestamppb.Timestamp {
	if ns == 0 {
		return nil
	}
	return timestamppb.New(time.Unix(0, ns))
}

func endpoint(e model.Endpoint) *eventv1.Endpoint {
	return &eventv1.Endpoint{Ip: e.Addr.String(), Port: uint32(e.Port), Mac: e.MAC.String()}
}

func subjectRow(s model.Subject) *eventv1.Subject {
	if s.IsZero() {
		return nil
	}
	return &eventv1.Subject{Ip: s.Addr.String(), Mac: s.MAC.String(), Part: s.Part}
}
