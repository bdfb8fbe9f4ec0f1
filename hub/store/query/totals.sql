-- purpose: how much is held, from when to when
-- reader: Store.Totals, for the status and the default period
-- cost: counts from metadata, one row a day and edge, and the claims
SELECT
  (SELECT count() FROM flows), (SELECT count() FROM observations), (SELECT count() FROM findings),
  (SELECT min(first) FROM flow_edges_daily), (SELECT max(last) FROM flow_edges_daily),
  (SELECT min(first) FROM claims), (SELECT max(last) FROM claims),
  (SELECT max(received) FROM batches)
