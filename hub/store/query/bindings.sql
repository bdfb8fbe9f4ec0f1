-- purpose: which device an endpoint was
-- reader: Store.Bindings, for queries that map endpoints to devices
-- cost: all bindings of the scope, or those of some addresses in a realm by primary key
SELECT realm, address, mac, part, from, to, site, device, reason, version
FROM device_bindings FINAL
WHERE 1 {{template "scope.sql" .}}
{{- if .Addrs}} AND address IN {addrs:Array(IPv6)}{{end}}
{{- if .Devices}} AND device IN {devices:Array(String)}{{end}}
{{- if not .At.IsZero}} AND from <= fromUnixTimestamp64Micro({at:Int64})
  AND (to >= fromUnixTimestamp64Micro({at:Int64}) OR to = toDateTime64(0, 6, 'UTC')){{end}}
ORDER BY realm, address, mac, part, site, from, device
