-- purpose: what is in quarantine, by sensor and reason, the newest first
-- reader: Store.Quarantined, for the doctor
-- cost: reads the reasons; the table holds 90 days of what cannot be read
SELECT sensor, reason, count() AS batches, max(received) AS last FROM quarantine
WHERE NOT {{template "taken_again.sql" .}}
GROUP BY sensor, reason
ORDER BY last DESC, sensor, reason
LIMIT 20
