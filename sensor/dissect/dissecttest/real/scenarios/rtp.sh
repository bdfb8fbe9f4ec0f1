# GStreamer: half a second of G.711 between two rtpbins, with the reports and descriptions of RTCP.
programs() { need gst-launch-1.0; }
serve() {
	bg b gst-launch-1.0 -q rtpbin name=r udpsrc port=30000 caps="application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8" ! r.recv_rtp_sink_0 \
		r. ! rtppcmadepay ! fakesink udpsrc port=30001 ! r.recv_rtcp_sink_0 r.send_rtcp_src_0 ! udpsink host=$A port=30001 bind-port=30001 sync=false async=false
	ready b 30000 udp
}
talk() {
	LIMIT=8 on a gst-launch-1.0 -q rtpbin name=r audiotestsrc num-buffers=25 samplesperbuffer=160 is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay min-ptime=20000000 max-ptime=20000000 ! r.send_rtp_sink_0 \
		r.send_rtp_src_0 ! udpsink host=$B port=30000 bind-port=30000 r.send_rtcp_src_0 ! udpsink host=$B port=30001 bind-port=30001 sync=false async=false
	true
}
