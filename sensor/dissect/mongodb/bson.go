package mongodb

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The element types that are read (BSON 1.1).
const (
	bsonDouble   = 0x01
	bsonString   = 0x02
	bsonDocument = 0x03
	bsonArray    = 0x04
	bsonBinary   = 0x05
	bsonBool     = 0x08
	bsonInt32    = 0x10
)

const maxElements = 64 // of a document

// element is one element of a document. Slices alias the document.
type element struct {
	kind  byte
	key   []byte
	value []byte // of strings and binaries the contents, of documents the whole document
}

// text is a string's contents.
func (v element) text() string {
	if v.kind != bsonString {
		return ""
	}
	return string(v.value)
}

// yes reports whether a number or boolean is 1.
func (v element) yes() bool {
	switch v.kind {
	case bsonDouble:
		return binary.LittleEndian.Uint64(v.value) == 0x3ff0000000000000
	case bsonInt32:
		return binary.LittleEndian.Uint32(v.value) == 1
	case bsonBool:
		return v.value[0] == 1
	}
	return false
}

// elements reads the elements of a document; false when it is none.
func elements(doc []byte) ([]element, bool) {
	c := wire.At(doc)
	n := int(c.L32())
	if n < 5 || n > len(doc) {
		return nil, false
	}
	c = c.Sub(n - 4)
	var out []element
	for len(out) < maxElements {
		kind := c.U8()
		if kind == 0 || !c.OK() {
			return out, c.OK()
		}
		key := wire.Until(c.Rest(), 0)
		c.Skip(len(key) + 1)
		value := contents(&c, kind)
		if !c.OK() {
			return out, false
		}
		out = append(out, element{kind, key, value})
	}
	return out, true
}

func contents(c *wire.Cursor, kind byte) []byte {
	switch kind {
	case bsonDouble, 0x09, 0x11, 0x12:
		return c.Bytes(8)
	case bsonString, 0x0d, 0x0e:
		b := c.Bytes(int(c.L32()))
		return b[:max(len(b)-1, 0)]
	case bsonDocument, bsonArray:
		rest := *c
		n := int(rest.L32())
		return c.Bytes(max(n, 5))
	case bsonBinary:
		n := int(c.L32())
		c.Skip(1)
		return c.Bytes(n)
	case 0x07:
		return c.Bytes(12)
	case bsonBool:
		return c.Bytes(1)
	case bsonInt32:
		return c.Bytes(4)
	case 0x06, 0x0a, 0x7f, 0xff:
		return nil
	case 0x13:
		return c.Bytes(16)
	}
	return c.Bytes(-1)
}

// find returns the element of a key.
func find(list []element, key string) element {
	for _, v := range list {
		if string(v.key) == key {
			return v
		}
	}
	return element{}
}
