-- flow_edges_view feeds flow_edges from flows as they are inserted.
CREATE MATERIALIZED VIEW {{.DB}}.flow_edges_view {{.OnCluster}} TO {{.DB}}.flow_edges AS
WITH start - toIntervalMicrosecond(clock_offset) AS corrected_start, end - toIntervalMicrosecond(clock_offset) AS corrected_end
SELECT
  toDate(received) AS day,
  toStartOfHour(toDateTime(corrected_start, 'UTC')) AS hour,
  site, realm, sensor, domain, initiator, responder, protocol,
  responder_port AS port,
  service,
  sipHash64(realm, initiator, responder, protocol, port, service) AS edge,
  sum(initiator_octets) AS initiator_octets,
  sum(responder_octets) AS responder_octets,
  sum(initiator_packets) AS initiator_packets,
  sum(responder_packets) AS responder_packets,
  countIf(first_of_conversation) AS flows,
  countIf(first_of_conversation AND encrypted) AS encrypted_flows,
  min(corrected_start) AS first,
  max(corrected_end) AS last,
  max(server_name) AS server_name
FROM {{.DB}}.flows
GROUP BY day, hour, site, realm, sensor, domain, initiator, responder, protocol, port, service
