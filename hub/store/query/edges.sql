-- purpose: the sums of edges over a period, each conversation counted once, most octets first
-- reader: Store.Edges and Store.External, which then ask edge_names.sql
-- cost: the hours of the period at the sites (primary key), summed in memory by number;
--       for External before that the period's distinct addresses against the known ranges
{{template "outside.sql" .}}
{{template "edge_hours.sql" .}}
