{{- /* purpose: the rows of a period, whole days from flow_edges_daily and the hours at its ends from flow_edges */ -}}
{{- if .Whole}}
    SELECT edge, initiator_octets, responder_octets, initiator_packets, responder_packets, flows, encrypted_flows, first, last
    FROM flow_edges_daily
    WHERE {{template "plain.sql" .}}
{{- if not .WholeFrom.IsZero}} AND date >= toDate(toDateTime({whole_from:Int64}, 'UTC')){{end}}
{{- if not .WholeTo.IsZero}} AND date < toDate(toDateTime({whole_to:Int64}, 'UTC')){{end}}
{{- end}}
{{- if and .Whole .Ends}}
    UNION ALL
{{- end}}
{{- if .Ends}}
    SELECT edge, initiator_octets, responder_octets, initiator_packets, responder_packets, flows, encrypted_flows, first, last
    FROM flow_edges
    WHERE {{template "plain.sql" .}}{{template "hours.sql" .}}
{{- if .Whole}} AND (0
{{- if not .WholeFrom.IsZero}} OR hour < toDateTime({whole_from:Int64}, 'UTC'){{end}}
{{- if not .WholeTo.IsZero}} OR hour >= toDateTime({whole_to:Int64}, 'UTC'){{end}}){{end}}
{{- end}}
