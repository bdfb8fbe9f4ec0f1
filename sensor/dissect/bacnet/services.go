package bacnet

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Value is a property of an object as an answer gives it: a text or a number.
type Value struct {
	Object   Object
	Property uint32
	Text     string
	Number   uint32
}

// The properties that say what a device is: clause 21, BACnetPropertyIdentifier.
const (
	PropertyApplicationVersion = 12
	PropertyFirmware           = 44
	PropertyLocation           = 58
	PropertyModel              = 70
	PropertyName               = 77
	PropertyVendorID           = 120
	PropertyVendorName         = 121
	PropertySerial             = 372
)

// IAm is a device's answer to Who-Is.
type IAm struct {
	Device Object
	Vendor uint32
}

// ParseIAm reads the service: object, longest message, segmentation, vendor.
func ParseIAm(b []byte) (x IAm, ok bool) {
	c := wire.At(b)
	object, length, segmentation, vendor := next(&c), next(&c), next(&c), next(&c)
	if !c.OK() || object.context || object.number != 12 || length.number != 2 || segmentation.number != 9 || vendor.number != 2 {
		return x, false
	}
	x.Device, x.Vendor = Object(object.uint()), vendor.uint()
	return x, x.Device.Type() == DeviceType
}

// ParseIHave reads the service: device, object, its name.
func ParseIHave(b []byte) (device Object, v Value, ok bool) {
	c := wire.At(b)
	dev, object, name := next(&c), next(&c), next(&c)
	if !c.OK() || dev.number != 12 || object.number != 12 || name.number != 7 {
		return 0, v, false
	}
	return Object(dev.uint()), Value{Object: Object(object.uint()), Property: PropertyName, Text: name.text()}, true
}

// ParseRead reads a ReadProperty answer; the value of a list is its first element.
func ParseRead(b []byte) (v Value, ok bool) {
	c := wire.At(b)
	object, property := next(&c), next(&c)
	if !c.OK() || !object.context || object.number != 0 || property.number != 1 {
		return v, false
	}
	v.Object, v.Property = Object(object.uint()), property.uint()
	t := next(&c)
	if t.context && t.number == 2 && !t.opening { // array index
		t = next(&c)
	}
	if !t.opening || t.number != 3 {
		return v, false
	}
	v.fill(next(&c))
	return v, c.OK()
}

func (v *Value) fill(t tag) {
	switch {
	case t.context:
	case t.number == 7:
		v.Text = t.text()
	case t.number == 2:
		v.Number = t.uint()
	}
}

const maxValues = 64 // of one ReadPropertyMultiple answer

// ParseReadMultiple reads a ReadPropertyMultiple answer: objects, each with a list of results.
func ParseReadMultiple(b []byte) (out []Value) {
	c := wire.At(b)
	for c.Len() > 0 && len(out) < maxValues {
		object, open := next(&c), next(&c)
		if !c.OK() || object.number != 0 || !open.opening || open.number != 1 {
			return out
		}
		for {
			t := next(&c)
			if !c.OK() || t.ends && t.number == 1 {
				break
			}
			v := Value{Object: Object(object.uint()), Property: t.uint()}
			t = next(&c)
			if t.number == 3 && !t.opening {
				t = next(&c)
			}
			if !t.opening {
				return out
			}
			v.fill(peek(c))
			if !skip(&c, t.number) {
				return out
			}
			if t.number == 4 && len(out) < maxValues {
				out = append(out, v)
			}
		}
	}
	return out
}

func peek(c wire.Cursor) tag { return next(&c) }

// skip passes over everything up to the closing tag of a value.
func skip(c *wire.Cursor, number uint8) bool {
	for depth := 0; c.OK() && c.Len() > 0; {
		switch t := next(c); {
		case t.opening:
			depth++
		case t.ends && depth == 0:
			return t.number == number
		case t.ends:
			depth--
		}
	}
	return false
}

// Networks reads the list of an I-Am-Router-To-Network message.
func Networks(b []byte) (out []uint16) {
	const most = 32
	for c := wire.At(b); c.Len() >= 2 && len(out) < most; {
		out = append(out, c.U16())
	}
	return out
}

// First is the object that a confirmed request is about, as far as its service names one first.
func First(b []byte) (o Object, ok bool) {
	c := wire.At(b)
	t := next(&c)
	return Object(t.uint()), c.OK() && t.context && t.number == 0 && t.body.Len() == 4
}
