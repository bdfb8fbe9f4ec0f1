package http

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// subprotocols of WebSocket that tell a service. BACnet/SC (ASHRAE 135-2020, annex AB.7.1) asks for
// TLS, within which nobody sees them: where they are seen, TLS is missing or ends before this place.
var subprotocols = map[string]string{"hub.bsc.bacnet.org": "BACnet/SC hub", "dc.bsc.bacnet.org": "BACnet/SC node"}

// upgraded reads the answer that opens a WebSocket.
func upgraded(e dissect.Emitter, dir dissect.Direction, h *head) {
	if name := string(bytes.ToLower(h.subprotocol)); bytes.EqualFold(h.upgrade, []byte("websocket")) && (name == "mqtt" || name == "mqttv3.1") {
		e.Service("mqtt") // MQTT 5.0, section 6: the frames that follow are masked
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindRole, Value: "MQTT broker", Source: "mqtt.subprotocol"})
		dissect.Cleartext(e, "mqtt", "mqtt.subprotocol")
		return
	}
	role, known := subprotocols[string(bytes.ToLower(h.subprotocol))]
	if !known || !bytes.EqualFold(h.upgrade, []byte("websocket")) {
		return
	}
	e.Service("bacnet-sc")
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindRole, Value: role, Source: "bacnet-sc.subprotocol"})
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Receiver(dir)), Kind: model.KindRole, Value: "BACnet/SC node", Source: "bacnet-sc.subprotocol"})
	dissect.Cleartext(e, "bacnet-sc", "bacnet-sc.subprotocol")
}
