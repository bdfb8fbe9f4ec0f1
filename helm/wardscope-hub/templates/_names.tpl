{{- define "wardscope-hub.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The release's name alone where it says the chart's already; 52 characters leave room for what Kubernetes appends. */ -}}
{{- define "wardscope-hub.fullname" -}}
{{- $name := include "wardscope-hub.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "wardscope-hub.selector" -}}
app.kubernetes.io/name: {{ include "wardscope-hub.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "wardscope-hub.labels" -}}
{{ include "wardscope-hub.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "wardscope-hub.serviceAccount" -}}
{{- default (include "wardscope-hub.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}
