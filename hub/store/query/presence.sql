-- purpose: on which days each address sent anything
-- reader: Store.Presence, for the history of devices
-- cost: one row an edge and day of the scope; with addresses, of their edges
SELECT realm, address, arraySort(groupUniqArray(toUInt16(d.date))) AS days
FROM
(
  SELECT edge, date, sum(initiator_packets) AS sent, sum(responder_packets) AS answered
  FROM flow_edges_daily
  WHERE 1{{if .Sites}} AND site IN {sites:Array(String)}{{end}}
{{- if .Addrs}} AND edge IN (SELECT edge FROM edges WHERE hasAny([initiator, responder], {addrs:Array(IPv6)}){{if .Realm}} AND realm = {realm:String}{{end}}){{end}}
  GROUP BY edge, date
) AS d
INNER JOIN
(
  SELECT DISTINCT edge, realm, initiator, responder FROM edges WHERE 1 {{template "scope.sql" .}}
{{- if .Addrs}} AND hasAny([initiator, responder], {addrs:Array(IPv6)}){{end}}
) AS e ON e.edge = d.edge
ARRAY JOIN arrayConcat(if(sent > 0, [e.initiator], []), if(answered > 0, [e.responder], [])) AS address
{{- if .Addrs}}
WHERE address IN {addrs:Array(IPv6)}
{{- end}}
GROUP BY realm, address
ORDER BY realm, address
