# A real one-node Kubernetes cluster without a container engine: one Go binary (etcd, control plane, kubelet, kube-proxy)
# and Debian's containerd. Sourced by run.sh. Everything runs in a network namespace of its own and keeps its files in
# $D, so the machine's routes, firewall and ports are not touched. Wants root, $HYPER, $D.

ns=ws-e2e-$$
sock=/run/$ns.sock
server=https://10.99.0.1:16443
# nsenter, not `ip netns exec`: that remounts /sys and hides the cgroup mounts.
inside() { nsenter --net="/run/netns/$ns" "$@"; }
kubectl() { inside "$HYPER" kubectl --kubeconfig "$D/admin.kubeconfig" "$@"; }

# run NAME COMMAND…: starts a program of the cluster in the background, its words in $D/NAME.log.
run() {
  local name=$1
  shift
  (exec nsenter --net="/run/netns/$ns" "$@") >"$D/$name.log" 2>&1 & # exec: the pid must be the program's own
  echo $! >"$D/$name.pid"
}

# eventually SECONDS COMMAND…: tries until it succeeds.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "did not succeed in time: $*" >&2; return 1; }
    sleep 0.5
  done
}

cluster_files() {
  openssl genrsa -out "$D/sa.key" 2048 2>/dev/null
  local token
  token=$(openssl rand -hex 16)
  echo "$token,admin,u1,\"system:masters\"" >"$D/tokens.csv"
  cat >"$D/admin.kubeconfig" <<EOF
apiVersion: v1
kind: Config
clusters: [{name: e2e, cluster: {server: "$server", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: "$token"}}]
contexts: [{name: e2e, context: {cluster: e2e, user: admin}}]
current-context: e2e
EOF
  # restrict_oom_score_adj: containers and virtual machines often lack CAP_SYS_RESOURCE.
  cat >"$D/containerd.toml" <<EOF
version = 2
root = "$D/containerd"
state = "$D/containerd-state"
[grpc]
  address = "$sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$D/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
EOF
  mkdir -p "$D/cni"
  cat >"$D/cni/10-bridge.conflist" <<EOF
{"cniVersion": "0.4.0", "name": "e2e", "plugins": [
  {"type": "bridge", "bridge": "kcni0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$D/ipam", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
EOF
  cat >"$D/kubelet.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
cgroupsPerQOS: true
enforceNodeAllocatable: []
failSwapOn: false
failCgroupV1: false
localStorageCapacityIsolation: false
evictionHard: {}
imageGCHighThresholdPercent: 100
maxOpenFiles: 20000
oomScoreAdj: 0
podLogsDir: $D/pods
address: 10.99.0.1
containerRuntimeEndpoint: unix://$sock
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
featureGates: {KubeletInUserNamespace: true}
EOF
  cat >"$D/kube-proxy.yaml" <<EOF
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: "$D/admin.kubeconfig"}
mode: iptables
hostnameOverride: real0
clusterCIDR: 10.244.0.0/24
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
EOF
}

# pause_image BINARY OUT: an image that holds one static program.
pause_image() {
  local dir=$D/pause layer
  mkdir -p "$dir"
  cp "$1" "$dir/pause"
  tar -C "$dir" --owner 0 --group 0 -cf "$dir/layer.tar" pause
  layer=$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)
  echo "{\"architecture\":\"$(go env GOARCH)\",\"os\":\"linux\",\"config\":{\"Entrypoint\":[\"/pause\"],\"User\":\"65532\"},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$layer\"]}}" >"$dir/config.json"
  echo '[{"Config":"config.json","RepoTags":["localhost/pause:1"],"Layers":["layer.tar"]}]' >"$dir/manifest.json"
  tar -C "$dir" -cf "$2" manifest.json config.json layer.tar
}

cluster_up() {
  ip netns add "$ns"
  inside ip link set lo up
  inside ip link add dummy0 type bridge # a bridge serves where the dummy driver is absent
  inside ip addr add 10.99.0.1/24 dev dummy0
  inside ip link set dummy0 up
  inside ip route add default via 10.99.0.2
  inside sysctl -qw net.ipv4.ip_forward=1
  cluster_files
  run containerd containerd -c "$D/containerd.toml"
  run etcd "$HYPER" etcd --data-dir "$D/etcd" --unsafe-no-fsync --listen-client-urls http://127.0.0.1:23790 \
    --advertise-client-urls http://127.0.0.1:23790 --listen-peer-urls http://127.0.0.1:23800
  run apiserver "$HYPER" kube-apiserver --etcd-servers http://127.0.0.1:23790 --secure-port 16443 --bind-address 0.0.0.0 \
    --advertise-address 10.99.0.1 --cert-dir "$D/certs" --service-cluster-ip-range 10.96.0.0/16 --authorization-mode RBAC \
    --token-auth-file "$D/tokens.csv" --allow-privileged --kubelet-preferred-address-types InternalIP \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$D/sa.key" \
    --service-account-signing-key-file "$D/sa.key"
  eventually 120 kubectl get --raw /readyz
  run controllers "$HYPER" kube-controller-manager --kubeconfig "$D/admin.kubeconfig" --use-service-account-credentials \
    --service-account-private-key-file "$D/sa.key" --root-ca-file "$D/certs/apiserver.crt" --leader-elect=false
  run scheduler "$HYPER" kube-scheduler --kubeconfig "$D/admin.kubeconfig" --leader-elect=false
  eventually 30 ctr -a "$sock" version
  run kubelet "$HYPER" kubelet --config "$D/kubelet.yaml" --kubeconfig "$D/admin.kubeconfig" --hostname-override real0 \
    --node-ip 10.99.0.1 --root-dir "$D/kubelet" --cert-dir "$D/kubelet-certs"
  run proxy "$HYPER" kube-proxy --config "$D/kube-proxy.yaml"
  eventually 120 kubectl wait --for=condition=Ready node/real0 --timeout=5s
}

# cluster_down stops only what cluster_up started, by the pids that it wrote down.
cluster_down() {
  set +e
  local name pod
  for name in kubelet proxy controllers scheduler; do stop_one "$name"; done
  for pod in $(ctr -a "$sock" -n k8s.io task ls -q 2>/dev/null); do
    ctr -a "$sock" -n k8s.io task kill -s 9 "$pod"
    ctr -a "$sock" -n k8s.io task rm -f "$pod"
  done >/dev/null 2>&1
  for pod in $(ctr -a "$sock" -n k8s.io container ls -q 2>/dev/null); do ctr -a "$sock" -n k8s.io container rm "$pod"; done >/dev/null 2>&1
  for name in apiserver etcd containerd; do stop_one "$name"; done
  awk -v d="$D" 'index($2, d) == 1 {print $2}' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
  # The pods' own network namespaces: those whose address came from this cluster's pool.
  for pod in "$D"/netns/*; do [ -e "$pod" ] && ip netns del "$(basename "$pod")" 2>/dev/null; done
  ip netns del "$ns"
  find /sys/fs/cgroup/*/kubepods -depth -type d -exec rmdir {} + 2>/dev/null
  rm -rf "$D" "$sock" "$sock.ttrpc"
}

# stop_one NAME: ends a program by its pid file and waits for it.
stop_one() {
  local pid
  pid=$(cat "$D/$1.pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null
}

# remember_pods notes the network namespaces of the pods, so that cluster_down removes them and no others.
remember_pods() {
  mkdir -p "$D/netns"
  local name
  for name in $(ctr -a "$sock" -n k8s.io container ls -q | xargs -r -n1 ctr -a "$sock" -n k8s.io container info | grep -oE 'cni-[0-9a-f-]{36}' | sort -u); do
    touch "$D/netns/$name"
  done
}
