-- purpose: one line a weakness
-- reader: Store.Findings, for the API's finding list and one finding
-- cost: the sites' findings by key (small: one row a key and peer)
SELECT site, realm, key, any(f.type) AS type, any(f.rule) AS rule, max(f.rule_version) AS rule_version,
  any(f.address) AS address, max(f.mac) AS mac, any(f.part) AS part,
  max(f.port) AS port, max(f.protocol) AS protocol, any(f.service) AS service, any(f.detail) AS detail,
  max(f.evidence) AS evidence, argMaxMerge(f.community_id) AS community_id,
  min(f.first) AS first, max(f.last) AS last, sum(f.count) AS count,
  uniqExact(f.peer, f.peer_mac, f.peer_part) AS peers,
  arraySort(groupUniqArrayArray(f.sensors)) AS sensors
FROM findings_by_key AS f
WHERE 1 {{template "scope.sql" .}}
{{- if .Key}} AND key = {key:String}{{end}}
{{- if .Types}} AND f.type IN {types:Array(String)}{{end}}
{{- if .Rules}} AND f.rule IN {rules:Array(String)}{{end}}
{{- if .Services}} AND f.service IN {services:Array(String)}{{end}}
{{- if .HideServices}} AND f.service NOT IN {hidden:Array(String)}{{end}}
{{- if .Addrs}} AND f.address IN {addrs:Array(IPv6)}{{end}}
{{- if .After}} AND (site, realm, key) > ({after_site:String}, {after_realm:String}, {after_key:String}){{end}}
GROUP BY site, realm, key
HAVING 1
{{- if not .From.IsZero}} AND last >= fromUnixTimestamp64Micro({from:Int64}){{end}}
{{- if not .To.IsZero}} AND first < fromUnixTimestamp64Micro({to:Int64}){{end}}
ORDER BY site, realm, key
LIMIT {limit:UInt32}
