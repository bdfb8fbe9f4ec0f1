-- flow_edges_daily_view feeds flow_edges_daily from flow_edges as its own view fills that.
CREATE MATERIALIZED VIEW {{.DB}}.flow_edges_daily_view {{.OnCluster}} TO {{.DB}}.flow_edges_daily AS
SELECT
  day, toDate(hour) AS date, site, edge, sensor, domain,
  sum(f.initiator_octets) AS initiator_octets,
  sum(f.responder_octets) AS responder_octets,
  sum(f.initiator_packets) AS initiator_packets,
  sum(f.responder_packets) AS responder_packets,
  sum(f.flows) AS flows,
  sum(f.encrypted_flows) AS encrypted_flows,
  min(f.first) AS first,
  max(f.last) AS last
FROM {{.DB}}.flow_edges AS f
GROUP BY day, date, site, edge, sensor, domain
