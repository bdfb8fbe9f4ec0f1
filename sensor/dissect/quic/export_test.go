package quic

// Opener opens the Initial packets of one conversation, in the order of their datagrams, and seals what a test
// changed in them.
type Opener struct{ keys [2]keys }

// Open returns the frames of the first packet of a datagram; seal puts changed ones in their place.
func (o *Opener) Open(dir int, datagram []byte) (plain []byte, seal func([]byte) []byte) {
	p, _, ok := parsePacket(datagram)
	if !ok || p.kind != typeInitial {
		return nil, nil
	}
	if dir == 0 {
		o.keys[0], o.keys[1], _ = initialKeys(p.scheme, p.to)
	}
	k := &o.keys[dir]
	if !k.ok() {
		return nil, nil
	}
	if plain, ok = k.open(&scratch{}, p.bytes, p.numberAt); !ok {
		return nil, nil
	}
	return plain, func(b []byte) []byte {
		out := append([]byte(nil), datagram...)
		k.seal(out[:len(p.bytes)], p.numberAt, b)
		return out
	}
}

// seal is open the other way round: packet is a protected one, of which the header is kept.
func (k *keys) seal(packet []byte, numberAt int, plain []byte) {
	var mask [16]byte
	k.header.Encrypt(mask[:], packet[numberAt+4:numberAt+4+16])
	first := packet[0] ^ mask[0]&0x0f
	n := int(first&3) + 1
	head := append([]byte{first}, packet[1:numberAt+n]...)
	nonce := k.iv
	for i := range n {
		head[numberAt+i] ^= mask[1+i]
		nonce[len(nonce)-n+i] ^= head[numberAt+i]
	}
	copy(packet[numberAt+n:], k.aead.Seal(nil, nonce[:], plain, head))
	k.header.Encrypt(mask[:], packet[numberAt+4:numberAt+4+16])
	packet[0] = first ^ mask[0]&0x0f
	for i := range n {
		packet[numberAt+i] = head[numberAt+i] ^ mask[1+i]
	}
}
