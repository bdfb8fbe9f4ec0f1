-- sightings_view feeds sightings from both ends of flows as they are inserted. Inside a tunnel of
-- IP packets (GRE, IP in IP, Teredo, GTP: bits 4, 9, 10, 13) the link addresses are the tunnel
-- ends', unless frames were tunnelled (ERSPAN, VXLAN, GENEVE, CAPWAP: bits 5 to 8).
CREATE MATERIALIZED VIEW {{.DB}}.sightings_view {{.OnCluster}} TO {{.DB}}.sightings AS
SELECT
  site, realm, e.1 AS address, if(bitAnd(encap, 9744) != 0 AND bitAnd(encap, 480) = 0, 0, e.2) AS mac, vlan,
  min(f.start - toIntervalMicrosecond(clock_offset)) AS first,
  max(f.end - toIntervalMicrosecond(clock_offset)) AS last,
  max(received) AS last_received,
  sum(e.3) AS packets
FROM {{.DB}}.flows AS f
ARRAY JOIN [(initiator, initiator_mac, initiator_packets), (responder, responder_mac, responder_packets)] AS e
WHERE e.3 > 0
GROUP BY site, realm, address, mac, vlan
