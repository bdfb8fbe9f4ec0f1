-- purpose: runs of batch numbers that arrived, by sensor, boot and receive day
-- reader: Store.Accounts, for the proof that nothing is lost
-- cost: one narrow row a batch of the sensors asked for
SELECT site, sensor, epoch, day, min(n) AS first, max(n) AS last, sum(bad), sum(events), max(received)
FROM
(
  SELECT site, sensor, epoch, day, n, bad, events, received,
    toInt64(n) - toInt64(row_number() OVER (PARTITION BY site, sensor, epoch, day ORDER BY n)) AS run
  FROM
  (
    SELECT site, sensor, epoch, b.sequence AS n, toDate(min(b.received)) AS day, min(b.bad) AS bad, sum(b.events) AS events, max(b.received) AS received
    FROM
    (
      SELECT site, sensor, epoch, sequence, received, toUInt64(reason != '') AS bad,
        stored_flows + stored_observations + stored_findings + stored_losses + stored_stats AS events
      FROM batches WHERE 1 {{template "scope.sql" .}} {{- if .Sensor}} AND sensor = {sensor:String}{{end}}
      UNION ALL
      SELECT site, sensor, epoch, sequence, received, 1, 0
      FROM quarantine WHERE sequence > 0 {{template "scope.sql" .}} {{- if .Sensor}} AND sensor = {sensor:String}{{end}}
    ) AS b
    GROUP BY site, sensor, epoch, n
  )
)
GROUP BY site, sensor, epoch, day, run
ORDER BY site, sensor, epoch, first
