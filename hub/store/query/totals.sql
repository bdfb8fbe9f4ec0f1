-- purpose: how much is held, from when to when
-- reader: Store.Totals, for the status and the default period
-- cost: counts from metadata, minmax of flow_edges and claims
SELECT
  (SELECT count() FROM flows), (SELECT count() FROM observations), (SELECT count() FROM findings),
  (SELECT min(first) FROM flow_edges), (SELECT max(last) FROM flow_edges),
  (SELECT min(first) FROM claims), (SELECT max(last) FROM claims),
  (SELECT max(received) FROM batches)
