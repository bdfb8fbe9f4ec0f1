package carescape

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	size    = 64
	maxUnit = 7
	maxRoom = 6
	y2000   = 3155673600 // seconds from 1900 to 2000: monitors of this network are younger
)

// Sync is a time synchronisation.
type Sync struct {
	Master     model.Addr
	Unit, Room string
}

// Parse reads a datagram of sender. The message has no magic, so all that is known of it has to
// be as the guide says: length, the sender's own address, a padded pair of names, a sane time.
func Parse(b []byte, sender model.Addr) (s Sync, ok bool) {
	if len(b) != size {
		return s, false
	}
	c := wire.At(b)
	c.Skip(6)
	s.Master = model.AddrFrom4(c.Bytes(4))
	c.Skip(14)
	place := c.Bytes(13)
	c.Skip(23)
	if s.Master != sender || c.U32() < y2000 {
		return s, false
	}
	text := wire.Until(place, 0)
	unit, room, found := bytes.Cut(text, []byte{'|'})
	if !found || !name(unit, maxUnit) || !name(room, maxRoom) || len(bytes.Trim(place[len(text):], "\x00")) > 0 {
		return s, false
	}
	s.Unit, s.Room = string(unit), string(room)
	return s, true
}

// name reports a unit's or room's name: capital letters, digits and a few signs.
func name(b []byte, most int) bool {
	return len(b) <= most && wire.Word(b, " -_./+")
}
