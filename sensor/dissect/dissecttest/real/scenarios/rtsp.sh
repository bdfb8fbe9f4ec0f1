# GStreamer's RTSP server and client: a stream is described, set up and played, over UDP and inside the connection.
programs() { need gst-launch-1.0 && /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null || { MISSING=gir1.2-gst-rtsp-server-1.0; return 1; }; }
serve() {
	cat > "$TMP/s.py" <<-'P'
		import gi
		gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0')
		from gi.repository import Gst, GstRtspServer, GLib, GstRtsp
		Gst.init(None)
		s = GstRtspServer.RTSPServer(); s.set_service('8554')
		f = GstRtspServer.RTSPMediaFactory(); f.set_launch('( audiotestsrc wave=silence ! alawenc ! rtppcmapay name=pay0 pt=8 )')
		s.get_mount_points().add_factory('/CANARYward', f); s.attach(None); GLib.MainLoop().run()
	P
	bg b /usr/bin/python3 "$TMP/s.py"; ready b 8554
}
talk() {
	LIMIT=3 on a gst-launch-1.0 rtspsrc location=rtsp://$B:8554/CANARYward user-agent='Example NVR/4.2' num-buffers=3 ! fakesink
	LIMIT=2 on a gst-launch-1.0 rtspsrc location=rtsp://$B:8554/CANARYward protocols=tcp ! fakesink
	true
}
