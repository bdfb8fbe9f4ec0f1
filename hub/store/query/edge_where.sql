{{- template "scope.sql" .}}
{{- if not .From.IsZero}} AND hour >= toStartOfHour(toDateTime({from:Int64}, 'UTC')){{end}}
{{- if not .To.IsZero}} AND hour < toDateTime({to:Int64}, 'UTC'){{end}}
{{- if .Addrs}} AND hasAny([initiator, responder], {addrs:Array(IPv6)}){{end}}
{{- if .Peers}} AND hasAny([initiator, responder], {peers:Array(IPv6)})
  AND (has({addrs:Array(IPv6)}, initiator) AND has({peers:Array(IPv6)}, responder)
    OR has({peers:Array(IPv6)}, initiator) AND has({addrs:Array(IPv6)}, responder)){{end}}
{{- if .Port}} AND port = {port:UInt16}{{end}}
{{- if .Services}} AND service IN {services:Array(String)}{{end}}
{{- if .Outside}} AND (initiator IN (SELECT a FROM outside) OR responder IN (SELECT a FROM outside)){{end}}
