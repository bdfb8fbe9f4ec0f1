{{- /* purpose: the rows of edges that one vantage alone saw, as a condition on their number: sums are by number alone */ -}}
1{{if .Narrow}} AND edge IN (SELECT edge FROM edges AS n {{template "chosen.sql" .}}){{end}}
{{- if .Shared}} AND edge NOT IN {{template "shared.sql" .}}{{end}}
{{- if .Sites}} AND site IN {sites:Array(String)}{{end}}
