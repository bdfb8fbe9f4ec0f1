-- purpose: devices, newest version of each, by id
-- reader: Store.Devices
-- cost: all devices of the scope; bloom filters by address and MAC skip granules
SELECT id, version, site, realm, name, category, type, vendor, model, os, os_support, serial, role, department,
  confidence, addresses, macs, vlans, first, last, behind, document, register_only
FROM devices FINAL
WHERE 1 {{template "scope.sql" .}}
{{- if .IDs}} AND id IN {ids:Array(String)}{{end}}
{{- if .Addrs}} AND hasAny(addresses, {addrs:Array(IPv6)}){{end}}
{{- if .MACs}} AND hasAny(macs, {macs:Array(UInt64)}){{end}}
{{- if .Categories}} AND category IN {categories:Array(String)}{{end}}
{{- if .Types}} AND type IN {types:Array(String)}{{end}}
{{- if .Text}} AND positionCaseInsensitiveUTF8(concat(name, '\n', vendor, '\n', model, '\n', os, '\n', serial), {text:String}) > 0{{end}}
{{- if .AfterID}} AND id > {after:String}{{end}}
ORDER BY id
LIMIT {limit:UInt32}
