-- purpose: who did what, newest first
-- reader: Store.Audit, for the API
-- cost: reads back from the newest line until the limit; with an object, all lines of the period
SELECT time, actor, role, remote, method, site, object, outcome, detail FROM audit
WHERE time >= fromUnixTimestamp64Micro({from:Int64}) AND time < fromUnixTimestamp64Micro({to:Int64})
{{- if .Object}} AND object = {object:String}{{end}}
ORDER BY time DESC
LIMIT {limit:UInt32}
