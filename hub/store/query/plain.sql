{{- /* purpose: the rows of edges that one vantage alone saw, as a condition on their number: sums are by number alone */ -}}
{{- if .Narrow}}edge IN (SELECT edge FROM edges AS n {{template "chosen.sql" .}} GROUP BY edge HAVING min(cityHash64(site, sensor, domain)) = max(cityHash64(site, sensor, domain)))
{{- else}}edge NOT IN (SELECT edge FROM shared){{end}}
{{- if .Sites}} AND site IN {sites:Array(String)}{{end}}
