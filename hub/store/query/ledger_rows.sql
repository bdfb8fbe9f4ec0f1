-- purpose: rows that the tables really hold, by sensor and boot
-- reader: Store.Recount, for the proof that nothing is lost
-- cost: two narrow columns of each table; not for a page that is shown often
SELECT site, sensor, epoch, sum(flows), sum(observations), sum(findings), sum(losses), sum(stats)
FROM
(
  SELECT site, sensor, epoch, count() AS flows, 0 AS observations, 0 AS findings, 0 AS losses, 0 AS stats
  FROM flows WHERE 1 {{template "scope.sql" .}} GROUP BY site, sensor, epoch
  UNION ALL
  SELECT site, sensor, epoch, 0, count(), 0, 0, 0 FROM observations WHERE 1 {{template "scope.sql" .}} GROUP BY site, sensor, epoch
  UNION ALL
  SELECT site, sensor, epoch, 0, 0, count(), 0, 0 FROM findings WHERE 1 {{template "scope.sql" .}} GROUP BY site, sensor, epoch
  UNION ALL
  SELECT site, sensor, epoch, 0, 0, 0, count(), 0 FROM losses WHERE 1 {{template "scope.sql" .}} GROUP BY site, sensor, epoch
  UNION ALL
  SELECT site, sensor, epoch, 0, 0, 0, 0, count() FROM sensor_stats WHERE 1 {{template "scope.sql" .}} GROUP BY site, sensor, epoch
)
GROUP BY site, sensor, epoch
