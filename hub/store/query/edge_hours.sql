{{- /* purpose: edges of each corrected hour, counted once: of the vantages
       that saw an hour of an edge, the one that saw most counts, by direction.
       The conditions of EdgeFilter and the period stand here, for edges.sql
       and external.sql. */ -}}
SELECT hour, realm, initiator, responder, protocol, port, service,
  max((i_octets, i_packets)) AS i_best,
  max((r_octets, r_packets)) AS r_best,
  max(v_flows) AS h_flows, max(v_encrypted) AS h_encrypted,
  min(v_first) AS h_first, max(v_last) AS h_last,
  groupUniqArray(site) AS h_sites, groupUniqArray(concat(sensor, '/', toString(domain))) AS h_vantages,
  max(v_name) AS h_name
FROM
(
  SELECT hour, site, realm, sensor, domain, initiator, responder, protocol, port, service,
    sum(initiator_octets) AS i_octets, sum(initiator_packets) AS i_packets,
    sum(responder_octets) AS r_octets, sum(responder_packets) AS r_packets,
    sum(flows) AS v_flows, sum(encrypted_flows) AS v_encrypted,
    min(first) AS v_first, max(last) AS v_last, max(server_name) AS v_name
  FROM flow_edges
  WHERE 1 {{template "edge_where.sql" .}}
  GROUP BY hour, site, realm, sensor, domain, initiator, responder, protocol, port, service
)
GROUP BY hour, realm, initiator, responder, protocol, port, service
