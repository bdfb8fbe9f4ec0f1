-- purpose: the account of each sensor's boots: sealed, stored, dropped
-- reader: Store.Ledger, for the sensor list and the proof that nothing is lost
-- cost: one row a batch of the scope
SELECT site, sensor, epoch, count() AS batches, min(b.sequence), max(b.sequence),
  sum(b.sealed_flows), sum(b.sealed_observations), sum(b.sealed_findings), sum(b.sealed_losses), sum(b.sealed_stats),
  sum(b.stored_flows), sum(b.stored_observations), sum(b.stored_findings), sum(b.stored_losses), sum(b.stored_stats),
  sum(b.dropped), argMax(b.clock_offset, b.received), argMax(b.version, b.received), max(b.received)
FROM batches AS b
WHERE 1 {{template "scope.sql" .}}
GROUP BY site, sensor, epoch
ORDER BY site, sensor, epoch
