-- sightings_view feeds sightings from both ends of flows as they are inserted.
CREATE MATERIALIZED VIEW {{.DB}}.sightings_view {{.OnCluster}} TO {{.DB}}.sightings AS
SELECT
  site, realm, e.1 AS address, e.2 AS mac, vlan,
  min(f.start - toIntervalMicrosecond(clock_offset)) AS first,
  max(f.end - toIntervalMicrosecond(clock_offset)) AS last,
  max(received) AS last_received,
  sum(e.3) AS packets
FROM {{.DB}}.flows AS f
ARRAY JOIN [(initiator, initiator_mac, initiator_packets), (responder, responder_mac, responder_packets)] AS e
WHERE e.3 > 0
GROUP BY site, realm, address, mac, vlan
