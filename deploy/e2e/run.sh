#!/usr/bin/env bash
# Installs the hub's chart on a real one-node cluster and asks the hub. usage: run.sh IMAGE.tar NAME:TAG
# Wants root, HELM and HYPER (make helm-e2e sets them).
set -euo pipefail
cd "$(dirname "$0")/../.."
archive=$1 image=$2
: "${HELM:?}" "${HYPER:?}"
[ "$(id -u)" = 0 ] || { echo "helm-e2e: wants root: it starts containers and network namespaces" >&2; exit 3; }
missing=()
for need in containerd:containerd runc:runc /usr/lib/cni/bridge:containernetworking-plugins iptables:iptables ip:iproute2 conntrack:conntrack openssl:openssl curl:curl; do
  command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get -o DPkg::Lock::Timeout=300 update -q
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "${missing[@]}"
fi

D=$(mktemp -d /var/tmp/wardscope-e2e.XXXXXX) # not on an overlay: containers lay one over it
. deploy/e2e/cluster.sh
finish() {
  local code=$?
  if [ $code -ne 0 ]; then
    echo "--- what the cluster says" >&2
    kubectl get pods,pvc,events -A >&2 || true
    kubectl logs ward-wardscope-hub-0 --tail=50 >&2 || true
    tail -n 5 "$D"/*.log >&2 || true
  fi
  remember_pods || true
  cluster_down >/dev/null 2>&1
  exit $code
}
trap finish EXIT

passed=0
check() { # check WORDS COMMAND…
  local words=$1
  shift
  "$@" || { echo "FAIL $words" >&2; echo "$passed passed, 1 failed"; exit 1; }
  passed=$((passed + 1))
  echo "ok   $words ($SECONDS s)"
}

CGO_ENABLED=0 GOWORK=off go -C internal/tools/kube build -trimpath -ldflags '-s -w' -o "$D/pause.bin" ./pause
pause_image "$D/pause.bin" "$D/pause.tar"
check "the node is ready" cluster_up
ctr -a "$sock" -n k8s.io images import "$D/pause.tar" >/dev/null
check "the image loads" ctr -a "$sock" -n k8s.io images import "$archive"

# No provisioner here: one volume by hand, owned by the hub's user as a provisioner would make it.
install -d -o 65532 -g 65532 -m 0700 "$D/volume"
kubectl apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolume
metadata: {name: hub}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: $D/volume, type: Directory}
EOF
set_values=(--set "image.repository=${image%:*}" --set-string "image.tag=${image##*:}" --set image.pullPolicy=Never
  --set persistence.size=10Gi --set resources.requests.cpu=100m --set resources.requests.memory=256Mi)
helm() { inside "$HELM" --kubeconfig "$D/admin.kubeconfig" "$@"; }
strict() {
  helm template ward helm/wardscope-hub --kube-version 1.34.4 "${set_values[@]}" | kubectl create --dry-run=server --validate=strict -f - >/dev/null
}
check "the API server accepts every field" strict
check "the chart installs and the hub is ready" helm install ward helm/wardscope-hub "${set_values[@]}" --wait --timeout 3m

address() { kubectl get service ward-wardscope-hub -o 'jsonpath={.spec.clusterIP}'; }
answers() {
  local said
  said=$(inside curl -sSkf --max-time 10 "https://$(address):8443/openapi.yaml") && [[ $said == *$'\nopenapi: 3'* ]]
}
# Sensors' listeners: NATS greets and demands TLS, the others speak TLS 1.3 from the first byte.
sensors_reach() {
  local port said
  said=$(inside timeout 10 bash -c "read -r line </dev/tcp/$(address)/4222 && echo \"\$line\"")
  [[ $said == *'"tls_required":true'* ]] || { echo "port 4222: ${said:0:300}" >&2; return 1; }
  for port in 443 8444; do
    said=$(inside timeout 10 openssl s_client -connect "$(address):$port" </dev/null 2>&1 || true)
    [[ $said == *TLSv1.3* ]] || { echo "port $port: ${said:0:300}" >&2; return 1; }
  done
}
confined() {
  local said
  said=$(kubectl exec ward-wardscope-hub-0 -- /usr/bin/wardscope-hub serve --data-dir /etc/elsewhere 2>&1) && return 1
  [[ $said == *"read-only file system"* ]]
}
# The first start prints the administrator's token, once; the CLI in the image asks with it.
asks() {
  local token
  token=$(kubectl logs ward-wardscope-hub-0 | grep -m1 -oE 'ws_[A-Za-z0-9_-]+')
  kubectl exec ward-wardscope-hub-0 -- /usr/bin/wardscope --ca /var/lib/wardscope/ca/ca.pem --token "$token" --output json sensors list >/dev/null
}
check "the API answers through the Service" eventually 30 answers
check "NATS, WebSocket and gRPC answer through the Service" sensors_reach
check "the CLI answers with the token of the first start" asks
check "the root file system is read-only" confined
before=$(kubectl get pod ward-wardscope-hub-0 -o 'jsonpath={.metadata.uid}')
replaced() { [ "$(kubectl get pod ward-wardscope-hub-0 -o 'jsonpath={.metadata.uid}')" != "$before" ] && kubectl wait --for=condition=Ready pod/ward-wardscope-hub-0 --timeout=5s; }
kubectl delete pod ward-wardscope-hub-0 --wait=true >/dev/null
check "a deleted pod comes back on the same volume" eventually 180 replaced
check "and answers again" eventually 30 answers
check "the chart goes away" helm uninstall ward --wait --timeout 2m
echo "$passed passed, 0 failed"
