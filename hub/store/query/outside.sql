{{- /* purpose: the addresses outside the known ranges: each is compared once, not with every edge */ -}}
SELECT a FROM (SELECT DISTINCT arrayJoin([initiator, responder]) AS a FROM edges)
WHERE NOT arrayExists((low, high) -> a >= low AND a <= high, {known_from:Array(IPv6)}, {known_to:Array(IPv6)})
