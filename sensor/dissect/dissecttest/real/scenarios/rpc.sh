# rpcbind: the list of programs over UDP and TCP.
programs() { need rpcbind rpcinfo; }
serve() { bg b unshare -m bash -c "mount -t tmpfs t /run && mkdir -p /run/rpcbind && exec rpcbind -f -w -i"; ready b 111; }
talk() { on a rpcinfo -p $B; on a rpcinfo -T udp $B 100000; on a rpcinfo $B; true; }
