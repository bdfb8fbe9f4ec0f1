{{- /* purpose: the conditions of Scope, for the other files. */ -}}
{{- if .Sites}} AND site IN {sites:Array(String)}{{end}}
{{- if .Realm}} AND realm = {realm:String}{{end}}
