-- purpose: one page of flows, newest first
-- reader: Store.Flows, for the API's flow list
-- cost: the primary key (site, start) or the index by start bound the period;
--       bloom filters by address, MAC, port and Community ID skip granules
SELECT site, realm, sensor, domain, received, clock_offset, epoch, sequence, row, start, end,
  initiator, initiator_port, initiator_mac, responder, responder_port, responder_mac, protocol, service,
  initiator_octets, responder_octets, initiator_packets, responder_packets, initiator_flags, responder_flags,
  initiator_inferred, vlan, inner_vlan, encap, end_reason, handshake_rtt, retransmitted, duplicated, community_id,
  operation_verbs, operation_objects, operation_results, operation_counts,
  server_name, alpn, version, encrypted, outer_initiator, outer_responder, first_of_conversation
FROM flows
WHERE 1 {{template "scope.sql" .}}
{{- if not .From.IsZero}} AND start >= fromUnixTimestamp64Micro({from:Int64}){{end}}
{{- if not .To.IsZero}} AND start < fromUnixTimestamp64Micro({to:Int64}){{end}}
{{- if .Addrs}} AND hasAny([initiator, responder], {addrs:Array(IPv6)}){{end}}
{{- if .Peers}} AND hasAny([initiator, responder], {peers:Array(IPv6)})
  AND (has({addrs:Array(IPv6)}, initiator) AND has({peers:Array(IPv6)}, responder)
    OR has({peers:Array(IPv6)}, initiator) AND has({addrs:Array(IPv6)}, responder)){{end}}
{{- if .MAC}} AND has([initiator_mac, responder_mac], {mac:UInt64}){{end}}
{{- if .Port}} AND responder_port = {port:UInt16}{{end}}
{{- if .Protocol}} AND protocol = {protocol:UInt8}{{end}}
{{- if .Services}} AND service IN {services:Array(String)}{{end}}
{{- if .CommunityID}} AND community_id = {community:String}{{end}}
{{- if .Sensor}} AND sensor = {sensor:String}{{end}}
{{- if .After}} AND start <= fromUnixTimestamp64Micro({after_start:Int64})
  AND (start < fromUnixTimestamp64Micro({after_start:Int64})
    OR (sensor, epoch, sequence, row) > ({after_sensor:String}, {after_epoch:UInt64}, {after_sequence:UInt64}, {after_row:UInt32})){{end}}
ORDER BY start DESC, sensor, epoch, sequence, row
LIMIT {limit:UInt32}
