{{- if .Outside -}}
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
{{- end}}
