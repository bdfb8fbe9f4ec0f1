-- purpose: what sensors claim of subjects, joined over time
-- reader: Store.Claims, for the inventory and a device's evidence
-- cost: all claims of the scope, or the changed ones by the index on receive time
SELECT site, realm, address, mac, part, kind, value, source,
  min(c.first), max(c.last), max(c.last_received), sum(c.count),
  arraySort(groupUniqArrayArray(c.sensors)), arraySort(groupUniqArrayArray(c.vlans))
FROM claims AS c
WHERE 1 {{template "scope.sql" .}}
{{- if .Addrs}} AND address IN {addrs:Array(IPv6)}{{end}}
{{- if .MACs}} AND mac IN {macs:Array(UInt64)}{{end}}
{{- if .Kinds}} AND kind IN {kinds:Array(String)}{{end}}
{{- if not .ReceivedSince.IsZero}}
  AND (site, realm, address, mac, part, kind, value, source) IN
    (SELECT site, realm, address, mac, part, kind, value, source FROM claims
     WHERE last_received >= fromUnixTimestamp64Micro({since:Int64}) {{template "scope.sql" .}}){{end}}
GROUP BY site, realm, address, mac, part, kind, value, source
ORDER BY site, realm, address, mac, part, kind, value, source
