-- purpose: edges of which an end lies in none of the known ranges
-- reader: Store.External, for exposure and for undeclared prefixes
-- cost: the period's distinct addresses against the ranges, then the edges of those outside
WITH outside AS
(
  SELECT a FROM
  (
    SELECT DISTINCT arrayJoin([initiator, responder]) AS a
    FROM flow_edges
    WHERE 1 {{template "scope.sql" .}}
{{- if not .From.IsZero}} AND hour >= toStartOfHour(toDateTime({from:Int64}, 'UTC')){{end}}
{{- if not .To.IsZero}} AND hour < toDateTime({to:Int64}, 'UTC'){{end}}
  )
  WHERE NOT arrayExists((low, high) -> a >= low AND a <= high, {known_from:Array(IPv6)}, {known_to:Array(IPv6)})
)
SELECT
{{template "edge_sums.sql" .}},
  NOT arrayExists((low, high) -> initiator >= low AND initiator <= high, {known_from:Array(IPv6)}, {known_to:Array(IPv6)}) AS initiator_external,
  NOT arrayExists((low, high) -> responder >= low AND responder <= high, {known_from:Array(IPv6)}, {known_to:Array(IPv6)}) AS responder_external,
  arraySort(groupUniqArrayIf(8)(h_name, h_name != '')) AS server_names
FROM ({{template "edge_hours.sql" .}})
GROUP BY realm, initiator, responder, protocol, port, service
ORDER BY initiator_octets + responder_octets DESC, realm, initiator, responder, protocol, port, service
LIMIT {limit:UInt32}
