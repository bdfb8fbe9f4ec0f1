-- purpose: edges over a period, each conversation counted once, most octets first
-- reader: Store.Edges and Store.External
-- cost: the period's rows, summed in memory by number: one a day and edge of flow_edges_daily, one an
--       hour of flow_edges at the period's ends; edges that several vantages saw are taken hour by hour:
--       the vantage that saw most counts, by direction
{{- if .Outside}}
WITH outside AS ({{template "outside.sql" .}})
{{- end}}
{{- if and .Shared (not .Few)}}
{{if .Outside}},{{else}}WITH{{end}} shared AS
(
  SELECT edge FROM edges AS n {{template "chosen.sql" .}}
  GROUP BY edge HAVING min(cityHash64(site, sensor, domain)) != max(cityHash64(site, sensor, domain))
)
{{- end}}
SELECT n.realm, n.initiator, n.responder, n.protocol, n.port, n.service,
  i_octets, r_octets, i_packets, r_packets, n_flows, n_encrypted,
  toUnixTimestamp64Micro(t_first), toUnixTimestamp64Micro(t_last), n.vantage, vantages
  {{- if .Outside}}, n.server_names{{end}}
FROM
(
  SELECT edge AS e, sum(initiator_octets) AS i_octets, sum(responder_octets) AS r_octets,
    sum(initiator_packets) AS i_packets, sum(responder_packets) AS r_packets, sum(flows) AS n_flows, sum(encrypted_flows) AS n_encrypted,
    min(first) AS t_first, max(last) AS t_last, emptyArrayUInt64() AS vantages
  FROM
  ({{template "edge_days.sql" .}}
  )
  GROUP BY e
{{- if .Shared}}
  UNION ALL
  SELECT e, sum(i_o), sum(r_o), sum(i_p), sum(r_p), sum(n_f), sum(n_e), min(h_first), max(h_last), groupUniqArrayArray(seen)
  FROM
  (
    SELECT e, hour, max(v_i_o) AS i_o, max(v_i_p) AS i_p, max(v_r_o) AS r_o, max(v_r_p) AS r_p, max(v_f) AS n_f, max(v_e) AS n_e,
      min(v_first) AS h_first, max(v_last) AS h_last, groupArray(v) AS seen
    FROM
    (
      SELECT edge AS e, hour, cityHash64(site, sensor, domain) AS v,
        sum(initiator_octets) AS v_i_o, sum(initiator_packets) AS v_i_p, sum(responder_octets) AS v_r_o, sum(responder_packets) AS v_r_p,
        sum(flows) AS v_f, sum(encrypted_flows) AS v_e, min(f.first) AS v_first, max(f.last) AS v_last
      FROM flow_edges AS f
      WHERE edge IN {{template "shared.sql" .}}{{if .Sites}} AND site IN {sites:Array(String)}{{end}}{{template "hours.sql" .}}
      GROUP BY e, hour, v
    )
    GROUP BY e, hour
  )
  GROUP BY e
{{- end}}
) AS s
ANY LEFT JOIN
(
  SELECT edge, any(n.realm) AS realm, any(n.initiator) AS initiator, any(n.responder) AS responder, any(n.protocol) AS protocol,
    any(n.port) AS port, any(n.service) AS service, any(cityHash64(n.site, n.sensor, n.domain)) AS vantage
    {{- if .Outside}}, arraySort(groupUniqArrayIfMerge(8)(n.server_names)) AS server_names{{end}}
  FROM edges AS n
  {{template "chosen.sql" .}}
  GROUP BY edge
) AS n ON s.e = n.edge
ORDER BY i_octets + r_octets DESC, s.e
LIMIT {limit:UInt32}
