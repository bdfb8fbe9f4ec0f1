-- purpose: the account of each sensor's boots: sealed, stored, dropped, in quarantine
-- reader: Store.Ledger, for the sensor list and the coverage of answers
-- cost: one row a batch of the scope
SELECT site, sensor, epoch, sum(n) AS batches, min(first_sequence), max(last_sequence),
  sum(b.sealed_flows), sum(b.sealed_observations), sum(b.sealed_findings), sum(b.sealed_losses), sum(b.sealed_stats),
  sum(b.stored_flows), sum(b.stored_observations), sum(b.stored_findings), sum(b.stored_losses), sum(b.stored_stats),
  sum(b.dropped), argMax(b.clock_offset, b.received), argMax(b.version, b.received), max(b.received), sum(quarantined)
FROM
(
  SELECT site, sensor, epoch, 1 AS n, sequence AS first_sequence, sequence AS last_sequence,
    sealed_flows, sealed_observations, sealed_findings, sealed_losses, sealed_stats,
    stored_flows, stored_observations, stored_findings, stored_losses, stored_stats,
    dropped, clock_offset, version, received, 0 AS quarantined
  FROM batches WHERE NOT (reason != '' AND {{template "taken_again.sql" .}}) {{template "scope.sql" .}}
  UNION ALL
  SELECT site, sensor, epoch, 0, 18446744073709551615, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', toDateTime64(0, 6, 'UTC'), 1
  FROM quarantine WHERE NOT {{template "taken_again.sql" .}} {{template "scope.sql" .}}
) AS b
GROUP BY site, sensor, epoch
ORDER BY site, sensor, epoch
