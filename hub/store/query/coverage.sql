-- purpose: what a view rests on, by sensor, domain and VLAN
-- reader: Store.Coverage, for every answer about exposure
-- cost: the sites' records of the period (one a domain, VLAN and minute)
SELECT site, sensor, domain, vlan,
  uniqExact(s.minute) AS minutes, uniqExactIf(s.minute, s.too_little) AS too_little_minutes,
  min(s.minute) AS first, max(s.minute) AS last,
  sum(s.packets), sum(s.octets), max(s.hosts), sum(s.tcp_conversations), sum(s.tcp_one_way),
  sum(s.unseen_acked_octets), sum(s.duplicates), sum(s.truncated), sum(s.undecoded),
  (sumMap(s.drop_places, s.drop_packets) AS drops).1, drops.2,
  (argMaxIf((s.interface_names, s.interface_can_send, s.interface_link_up, s.interface_same_as_hub, s.interface_reasons, s.interface_remedies),
    s.minute, notEmpty(s.interface_names)) AS interfaces).1, interfaces.2, interfaces.3, interfaces.4, interfaces.5, interfaces.6
FROM sensor_stats AS s
WHERE 1 {{template "scope.sql" .}}
{{- if not .From.IsZero}} AND s.minute >= fromUnixTimestamp64Micro({from:Int64}){{end}}
{{- if not .To.IsZero}} AND s.minute < fromUnixTimestamp64Micro({to:Int64}){{end}}
GROUP BY site, sensor, domain, vlan
ORDER BY site, sensor, domain, vlan
