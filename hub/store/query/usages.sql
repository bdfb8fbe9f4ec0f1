-- purpose: which services each address offers (and answered) or uses
-- reader: Store.Usages, for the inventory's types
-- cost: one row an edge and vantage of the scope
SELECT site, realm, e.1 AS address, e.2 AS offers, service, uniq(e.3) AS peers, min(f.first), max(f.last), sum(f.flows)
FROM edges AS f
ARRAY JOIN if(f.responder_packets > 0, [(initiator, false, responder), (responder, true, initiator)], [(initiator, false, responder)]) AS e
WHERE service != '' {{template "scope.sql" .}}
GROUP BY site, realm, address, offers, service
ORDER BY site, realm, address, offers, service
