-- purpose: who talked to whom over a period, each conversation counted once
-- reader: Store.Edges, for the flow map and the zone matrix
-- cost: the hours of the period at the sites (primary key), summed in memory
SELECT
{{template "edge_sums.sql" .}}
FROM ({{template "edge_hours.sql" .}})
GROUP BY realm, initiator, responder, protocol, port, service
ORDER BY initiator_octets + responder_octets DESC, realm, initiator, responder, protocol, port, service
LIMIT {limit:UInt32}
