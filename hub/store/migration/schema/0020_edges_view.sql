-- edges_view feeds edges from flow_edges as its own view fills that: one block is grouped once.
CREATE MATERIALIZED VIEW {{.DB}}.edges_view {{.OnCluster}} TO {{.DB}}.edges AS
SELECT
  realm, initiator, responder, protocol, port, service, site, sensor, domain,
  any(f.edge) AS edge,
  min(f.first) AS first,
  max(f.last) AS last,
  max(f.day) AS last_day,
  sum(f.flows) AS flows,
  sum(f.responder_packets) AS responder_packets,
  groupUniqArrayIfState(8)(f.server_name, f.server_name != '') AS server_names
FROM {{.DB}}.flow_edges AS f
GROUP BY realm, initiator, responder, protocol, port, service, site, sensor, domain
