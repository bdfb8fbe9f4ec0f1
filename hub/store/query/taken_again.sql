{{- /* purpose: batches that were in quarantine and are stored since: a condition for the other files. The quarantine is small, so the ledger is read for its numbers only. */ -}}
(sensor, epoch, sequence) IN
  (SELECT sensor, epoch, sequence FROM batches WHERE reason = '' AND (sensor, epoch, sequence) IN (SELECT sensor, epoch, sequence FROM quarantine WHERE sequence > 0))
