{{- /* purpose: edges by number, each hour counted once: of the vantages that
       saw an hour of an edge, the one that saw most counts, by direction.
       Most edges have one vantage in the whole period: their plain sum is the
       answer, and only the others are taken hour by hour. */ -}}
SELECT e, i_octets, r_octets, i_packets, r_packets, n_flows, n_encrypted
FROM
(
  SELECT edge AS e, sum(initiator_octets) AS i_octets, sum(responder_octets) AS r_octets,
    sum(initiator_packets) AS i_packets, sum(responder_packets) AS r_packets, sum(flows) AS n_flows, sum(encrypted_flows) AS n_encrypted
  FROM flow_edges
  WHERE 1 {{template "edge_where.sql" .}}
  GROUP BY e
  HAVING min(cityHash64(site, sensor, domain)) = max(cityHash64(site, sensor, domain))
  UNION ALL
  SELECT e, sum(i_best.1), sum(r_best.1), sum(i_best.2), sum(r_best.2), sum(f_best.1), sum(f_best.2)
  FROM
  (
    SELECT e, hour, max((i_o, i_p)) AS i_best, max((r_o, r_p)) AS r_best, max((n_f, n_e)) AS f_best
    FROM
    (
      SELECT edge AS e, hour, cityHash64(site, sensor, domain) AS vantage,
        sum(initiator_octets) AS i_o, sum(initiator_packets) AS i_p, sum(responder_octets) AS r_o, sum(responder_packets) AS r_p,
        sum(flows) AS n_f, sum(encrypted_flows) AS n_e
      FROM flow_edges
      WHERE edge IN
        (SELECT edge FROM flow_edges WHERE 1 {{template "edge_where.sql" .}}
         GROUP BY edge HAVING min(cityHash64(site, sensor, domain)) != max(cityHash64(site, sensor, domain)))
        {{template "edge_where.sql" .}}
      GROUP BY e, hour, vantage
    )
    GROUP BY e, hour
  )
  GROUP BY e
)
ORDER BY i_octets + r_octets DESC, e
LIMIT {limit:UInt32}
