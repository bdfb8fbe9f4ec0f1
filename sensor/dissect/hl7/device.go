package hl7

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

func (x *end) software(e dissect.Emitter, s model.Subject, seg []byte) {
	claim(e, s, model.KindVendor, string(x.text(x.enc.Part(x.enc.Nth(seg, 1), 1))), "hl7.SFT-1")
	product, version := x.enc.Nth(seg, 3), x.enc.Nth(seg, 2)
	claim(e, s, model.KindSoftware, string(x.text(wire.TrimText(bytes.Join([][]byte{product, version}, []byte{' '})))), "hl7.SFT-3")
	claim(e, s, model.KindFirmware, string(x.text(x.enc.Nth(seg, 4))), "hl7.SFT-4")
}

func (x *end) observation(e dissect.Emitter, sender model.Subject, seg []byte) {
	x.equipments(e, sender, x.enc.All(seg, 18), "hl7.OBX-18")
	if device := x.enc.Device(x.enc.Nth(seg, 3)); device != "" {
		sender.Part = x.part
		claim(e, sender, model.KindRole, device, "hl7.OBX-3")
	}
}

// equipments reads the repetitions of an entity identifier, a gateway and what stands behind it (IHE PCD TF-2,
// appendix B.8): the first is the one that other fields speak of.
func (x *end) equipments(e dissect.Emitter, sender model.Subject, field []byte, source string) {
	for n := 0; len(field) > 0 && n < maxEquipment; n++ {
		one := until(field, x.enc.Repetition)
		field = field[min(len(one)+1, len(field)):]
		part := x.part
		x.equipment(e, sender, one, source)
		if n > 0 {
			x.part = part
		}
	}
}

const maxEquipment = 4 // of one field

// equipment reads an entity identifier: id, namespace, universal id, its type.
func (x *end) equipment(e dissect.Emitter, sender model.Subject, field []byte, source string) {
	id := x.text(x.enc.Part(field, 1))
	if len(id) == 0 {
		id = x.text(x.enc.Part(field, 3))
	}
	if len(id) == 0 {
		return
	}
	x.part = "hl7:" + model.Text(id)
	sender.Part = x.part
	claim(e, sender, model.KindIdentifier, string(id), source)
	claim(e, sender, model.KindModel, string(x.text(x.enc.Part(field, 2))), source+".2")
	if string(x.enc.Part(field, 4)) == "EUI-64" {
		claim(e, sender, model.KindIdentifier, string(x.enc.Part(field, 3)), source+".3")
	}
}

func (x *end) participation(e dissect.Emitter, sender model.Subject, seg []byte) {
	x.equipments(e, sender, x.enc.All(seg, 10), "hl7.PRT-10")
	sender.Part = x.part
	claim(e, sender, model.KindIdentifier, string(x.text(x.enc.Part(x.enc.Nth(seg, 16), 1))), "hl7.PRT-16")
	claim(e, sender, model.KindCapability, prefixed("made ", x.text(x.enc.Nth(seg, 17))), "hl7.PRT-17")
	claim(e, sender, model.KindCapability, prefixed("expires ", x.text(x.enc.Nth(seg, 18))), "hl7.PRT-18")
	claim(e, sender, model.KindIdentifier, prefixed("lot ", x.text(x.enc.Nth(seg, 19))), "hl7.PRT-19")
	claim(e, sender, model.KindSerial, string(x.text(x.enc.Nth(seg, 20))), "hl7.PRT-20")
}
