-- purpose: what sensors say they left out, by boot, receive day, place and reason; batches with their numbers
-- reader: Store.Accounts, for the proof that nothing is lost
-- cost: one row a loss of the sensors asked for
SELECT site, sensor, epoch, toDate(l.received) AS day, place, if(l.batches > 0, l.reason, '') AS why,
  l.first_sequence AS first, l.last_sequence AS last, sum(l.packets), sum(l.events), max(l.batches) AS batches
FROM losses AS l
WHERE (l.batches = 0 OR l.first_sequence > 0 AND l.first_sequence <= l.last_sequence AND l.last_sequence < l.sequence)
  {{template "scope.sql" .}} {{- if .Sensor}} AND sensor = {sensor:String}{{end}}
GROUP BY site, sensor, epoch, day, place, why, first, last
ORDER BY site, sensor, epoch, first, last, day, place, why
