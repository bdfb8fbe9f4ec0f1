package bacnet

import "strconv"

// vendors by number, from ASHRAE's list of BACnet vendor ids: those common in hospitals.
var vendors = map[uint32]string{
	0: "ASHRAE", 2: "Trane", 3: "Daikin Applied", 5: "Johnson Controls", 6: "American Auto-Matrix", 7: "Siemens", 8: "Delta Controls", 9: "Siemens",
	10: "Schneider Electric", 11: "TAC", 12: "Orion Analysis", 13: "Teletrol Systems", 14: "Cimetrics", 16: "Carrier", 17: "Honeywell", 18: "Alerton",
	19: "TAC", 22: "Siemens", 23: "York", 24: "Automated Logic", 25: "CSI Control Systems", 26: "Phoenix Controls", 28: "KMC Controls",
	32: "Simplex", 34: "Notifier", 35: "Reliable Controls", 36: "Tridium", 37: "Sierra Monitor", 39: "Kieback & Peter", 42: "Acuity Brands Lighting",
}

// Vendor names a vendor number; an unlisted one stays a number.
func Vendor(id uint32) string {
	if n, ok := vendors[id]; ok {
		return n
	}
	return "BACnet vendor " + strconv.Itoa(int(id))
}

// objects names object types: clause 21, BACnetObjectType.
var objects = [...]string{"analog-input", "analog-output", "analog-value", "binary-input", "binary-output", "binary-value", "calendar",
	"command", "device", "event-enrollment", "file", "group", "loop", "multi-state-input", "multi-state-output", "notification-class",
	"program", "schedule", "averaging", "multi-state-value", "trend-log"}

// ObjectClass names an object's type.
func ObjectClass(o Object) string {
	if t := int(o.Type()); t < len(objects) {
		return objects[t]
	}
	return "object type " + strconv.Itoa(int(o.Type()))
}
