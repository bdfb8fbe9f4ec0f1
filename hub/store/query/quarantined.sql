-- purpose: batches in quarantine that are not stored since, the oldest first, without what they hold
-- reader: Store.Quarantine, for people and for taking them in again
-- cost: narrow columns of the quarantine, and the ledger for its numbers
SELECT site, sensor, epoch, sequence, received, reason, length(payload),
  (sensor, epoch, sequence) IN (SELECT sensor, epoch, sequence FROM batches WHERE reason != '' AND (sensor, epoch, sequence) IN (SELECT sensor, epoch, sequence FROM quarantine)) AS counted
FROM quarantine
WHERE NOT {{template "taken_again.sql" .}} {{- if .}} AND sensor = {sensor:String}{{end}}
ORDER BY received, sensor, epoch, sequence
LIMIT {limit:UInt32}
