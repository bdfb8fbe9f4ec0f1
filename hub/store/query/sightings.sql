-- purpose: which address sent packets behind which link address, joined over time
-- reader: Store.Sightings, for the inventory's identity
-- cost: all sightings of the scope
SELECT site, realm, address, mac, vlan, min(t.first), max(t.last), max(t.last_received), sum(t.packets)
FROM sightings AS t
WHERE 1 {{template "scope.sql" .}}
GROUP BY site, realm, address, mac, vlan
ORDER BY site, realm, address, mac, vlan
