-- purpose: rows of each table that ingest writes
-- reader: Store.IngestRows, for the proof that a backup is whole
-- cost: counts from metadata
SELECT name, assumeNotNull(total_rows) FROM system.tables
WHERE database = currentDatabase()
  AND name IN ('batches', 'findings', 'flows', 'losses', 'observations', 'quarantine', 'sensor_stats')
ORDER BY name
