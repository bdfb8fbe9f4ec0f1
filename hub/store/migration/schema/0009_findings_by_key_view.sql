-- findings_by_key_view feeds findings_by_key from findings as they are inserted.
CREATE MATERIALIZED VIEW {{.DB}}.findings_by_key_view {{.OnCluster}} TO {{.DB}}.findings_by_key AS
SELECT
  site, realm, key, peer, peer_mac, peer_part,
  any(f.type) AS type,
  any(f.rule) AS rule,
  any(f.address) AS address,
  max(f.mac) AS mac,
  any(f.part) AS part,
  any(f.service) AS service,
  any(f.detail) AS detail,
  max(f.rule_version) AS rule_version,
  max(f.port) AS port,
  max(f.protocol) AS protocol,
  max(f.evidence) AS evidence,
  argMaxState(f.community_id, f.last) AS community_id,
  min(f.first - toIntervalMicrosecond(clock_offset)) AS first,
  max(f.last - toIntervalMicrosecond(clock_offset)) AS last,
  max(received) AS last_received,
  sum(f.count) AS count,
  groupUniqArray(sensor) AS sensors
FROM {{.DB}}.findings AS f
GROUP BY site, realm, key, peer, peer_mac, peer_part
