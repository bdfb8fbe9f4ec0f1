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

{{- /* The configuration file: what a pod needs, under what the values say. The pod listens on the Service's ports, since the
hub tells them to sensors. Names are those that stand in the hub's certificate. */ -}}
{{- define "wardscope-hub.config" -}}
{{- $service := include "wardscope-hub.fullname" . -}}
{{- $names := list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace) -}}
{{- $ports := .Values.service -}}
{{- $listen := dict "listen" (printf ":%v" $ports.natsPort) -}}
{{- with $ports.websocketPort }}{{ $_ := set $listen "websocket" (printf ":%v" .) }}{{ end -}}
{{- $pod := dict "listen" (printf ":%v" $ports.apiPort) "nats" $listen "metrics" (dict "listen" (printf ":%v" $ports.metricsPort)) -}}
{{- with $ports.grpcPort }}{{ $_ := set $pod "grpc" (dict "listen" (printf ":%v" .)) }}{{ end -}}
{{- $config := mergeOverwrite $pod (deepCopy .Values.config) -}}
{{- $_ := set $config "names" (concat $names (default (list) .Values.config.names) | uniq) -}}
{{- toYaml $config -}}
{{- end -}}
