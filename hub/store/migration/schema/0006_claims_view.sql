-- claims_view feeds claims from observations as they are inserted.
CREATE MATERIALIZED VIEW {{.DB}}.claims_view {{.OnCluster}} TO {{.DB}}.claims AS
SELECT
  site, realm, address, mac, part, kind, value, source,
  min(o.first - toIntervalMicrosecond(clock_offset)) AS first,
  max(o.last - toIntervalMicrosecond(clock_offset)) AS last,
  max(received) AS last_received,
  sum(o.count) AS count,
  groupUniqArray(sensor) AS sensors,
  groupUniqArray(vlan) AS vlans
FROM {{.DB}}.observations AS o
GROUP BY site, realm, address, mac, part, kind, value, source
