{{- /* purpose: the hours of a period, as a condition */ -}}
{{- if not .From.IsZero}} AND hour >= toStartOfHour(toDateTime({from:Int64}, 'UTC')){{end}}
{{- if not .To.IsZero}} AND hour < toDateTime({to:Int64}, 'UTC'){{end}}
