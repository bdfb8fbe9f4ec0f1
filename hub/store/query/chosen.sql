{{- /* purpose: the rows of edges that a filter is about: what was seen only outside the period has nothing to add */ -}}
WHERE 1
  {{- if not .From.IsZero}} AND n.last >= toStartOfHour(toDateTime({from:Int64}, 'UTC')){{end}}
  {{- if not .To.IsZero}} AND toStartOfHour(toDateTime(n.first, 'UTC')) < toDateTime({to:Int64}, 'UTC'){{end}}
  {{- if .Realm}} AND n.realm = {realm:String}{{end}}
  {{- if .Addrs}} AND hasAny([n.initiator, n.responder], {addrs:Array(IPv6)}){{end}}
  {{- if .Peers}} AND hasAny([n.initiator, n.responder], {peers:Array(IPv6)})
    AND (has({addrs:Array(IPv6)}, n.initiator) AND has({peers:Array(IPv6)}, n.responder)
      OR has({peers:Array(IPv6)}, n.initiator) AND has({addrs:Array(IPv6)}, n.responder)){{end}}
  {{- if .Port}} AND n.port = {port:UInt16}{{end}}
  {{- if .Services}} AND n.service IN {services:Array(String)}{{end}}
  {{- if .Outside}} AND ({{if .Known}}NOT (0{{range .Known}}
    OR n.initiator BETWEEN {known_from:Array(IPv6)}[{{.}}] AND {known_to:Array(IPv6)}[{{.}}]{{end}})
    OR NOT (0{{range .Known}}
    OR n.responder BETWEEN {known_from:Array(IPv6)}[{{.}}] AND {known_to:Array(IPv6)}[{{.}}]{{end}})
    {{- else}}n.initiator IN (SELECT a FROM outside) OR n.responder IN (SELECT a FROM outside){{end}}){{end}}
