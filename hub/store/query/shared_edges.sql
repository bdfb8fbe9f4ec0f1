-- purpose: the edges that several vantages saw, to take them by the hour
-- reader: Store.Edges and Store.External
-- cost: four narrow columns of edges
{{- if .Outside}}
WITH outside AS ({{template "outside.sql" .}})
{{- end}}
SELECT edge FROM edges AS n {{template "chosen.sql" .}}
GROUP BY edge HAVING min(cityHash64(site, sensor, domain)) != max(cityHash64(site, sensor, domain))
LIMIT {few:UInt32} + 1
