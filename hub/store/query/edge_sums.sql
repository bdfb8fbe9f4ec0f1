{{- /* purpose: the columns of Edge over the hours of edge_hours.sql. */ -}}
  realm, initiator, responder, protocol, port, service,
  sum(i_best.1) AS initiator_octets, sum(r_best.1) AS responder_octets,
  sum(i_best.2) AS initiator_packets, sum(r_best.2) AS responder_packets,
  sum(h_flows) AS flows, sum(h_encrypted) AS encrypted_flows,
  min(h_first) AS first, max(h_last) AS last,
  arraySort(groupUniqArrayArray(h_sites)) AS sites, arraySort(groupUniqArrayArray(h_vantages)) AS vantages
