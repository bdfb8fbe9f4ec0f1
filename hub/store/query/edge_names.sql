-- purpose: what the numbers of edges.sql stand for, and where and when they were seen
-- reader: Store.Edges and Store.External
-- cost: as edges.sql, without its sums
{{template "outside.sql" .}}
SELECT edge AS e, any(f.realm), any(f.initiator), any(f.responder), any(f.protocol), any(f.port), any(f.service),
  min(f.first), max(f.last), arraySort(groupUniqArray(f.site)), arraySort(groupUniqArray(concat(f.sensor, '/', toString(f.domain)))),
  arraySort(groupUniqArrayIf(8)(f.server_name, f.server_name != ''))
FROM flow_edges AS f
WHERE 1 {{template "edge_where.sql" .}}
{{- if .Few}} AND edge IN {edges:Array(UInt64)}{{end}}
GROUP BY e
