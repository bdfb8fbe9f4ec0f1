# NFS-Ganesha with libnfs: mounts and lists an export over TCP.
programs() { need ganesha.nfsd nfs-ls rpcbind; }
serve() {
	printf 'NFS_CORE_PARAM { Protocols = 3; Enable_NLM = false; Enable_RQUOTA = false; }\nEXPORT { Export_Id = 1; Path = /pacs; Pseudo = /pacs; Access_Type = RW; Squash = None; SecType = sys; Protocols = 3; Transports = UDP, TCP; FSAL { Name = MEM; } }\n' > "$TMP/g.conf"
	bg b unshare -m bash -c "mount -t tmpfs t /run && mkdir -p /run/rpcbind /run/ganesha && rpcbind -w -i && exec ganesha.nfsd -F -L $TMP/g.log -f $TMP/g.conf -p $TMP/g.pid"
	ready b 111 && ready b 2049
	sleep 2
}
talk() { on a nfs-ls "nfs://$B/pacs?uid=0&gid=0"; true; }
