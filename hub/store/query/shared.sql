{{- /* purpose: the edges that several vantages saw, as a set: by number when they are few */ -}}
{{- if .Few}}{shared:Array(UInt64)}{{else}}(SELECT edge FROM shared){{end}}
