package bootstrap

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// squeeze is a gzip file of text. Its bytes never change for the same text: the standard library's compressor may do better in
// another version of Go, and other bytes replace a server. So it is small rather than good: one block with the fixed codes of
// RFC 1951, and the longest of the nearest earlier places that read the same.
func squeeze(text []byte) []byte {
	w := &bitWriter{out: []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}} // RFC 1952: deflate, no name, no time, no system
	w.write(1, 1)                                                      // the last block
	w.write(1, 2)                                                      // with fixed codes
	seen := map[string][]int{}
	for at := 0; at < len(text); {
		length, distance := longest(text, at, seen)
		n := 1
		if length >= shortest {
			n = length
			w.match(length, distance)
		} else {
			w.symbol(int(text[at]))
		}
		for ; n > 0; n-- {
			if at+shortest <= len(text) {
				key := string(text[at : at+shortest])
				seen[key] = append(seen[key], at)
			}
			at++
		}
	}
	w.symbol(256) // the end
	w.flush()
	out := binary.LittleEndian.AppendUint32(w.out, crc32.ChecksumIEEE(text))
	return binary.LittleEndian.AppendUint32(out, uint32(len(text))) // #nosec G115 -- far below 4 GB
}

// Bounds of RFC 1951 for what is repeated, and how many earlier places are looked at.
const (
	shortest, furthest, longestMatch = 3, 32 << 10, 258
	tries                            = 256
)

// longest is the longest earlier text that goes on at a place, and how far back it is.
func longest(text []byte, at int, seen map[string][]int) (length, distance int) {
	if at+shortest > len(text) {
		return 0, 0
	}
	places := seen[string(text[at:at+shortest])]
	for i := len(places) - 1; i >= max(0, len(places)-tries) && at-places[i] <= furthest; i-- {
		n := 0
		for n < longestMatch && at+n < len(text) && text[places[i]+n] == text[at+n] {
			n++
		}
		if n > length {
			length, distance = n, at-places[i]
		}
	}
	return length, distance
}

// bitWriter writes bits, the lowest first.
type bitWriter struct {
	out  []byte
	bits uint64
	n    uint
}

func (w *bitWriter) write(value uint64, n uint) {
	w.bits |= value << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.out = append(w.out, byte(w.bits))
		w.bits >>= 8
	}
}

func (w *bitWriter) flush() {
	if w.n > 0 {
		w.write(0, 8-w.n)
	}
}

// code writes a Huffman code, whose highest bit comes first.
func (w *bitWriter) code(value uint64, n uint) { w.write(bits.Reverse64(value)>>(64-n), n) }

// symbol writes a literal, a length or the end by the fixed codes (RFC 1951, 3.2.6).
func (w *bitWriter) symbol(s int) {
	v := uint64(s) // #nosec G115 -- 0 to 287
	switch {
	case s < 144:
		w.code(0x30+v, 8)
	case s < 256:
		w.code(0x190+v-144, 9)
	case s < 280:
		w.code(v-256, 7)
	default:
		w.code(0xc0+v-280, 8)
	}
}

// match writes a length of 3 to 258 and a distance of 1 to 32768 (RFC 1951, 3.2.5).
func (w *bitWriter) match(length, distance int) {
	if length == longestMatch {
		w.symbol(285)
	} else {
		symbol, extra, value := split(length-shortest, 4)
		w.symbol(257 + symbol)
		w.write(value, extra)
	}
	symbol, extra, value := split(distance-1, 2)
	w.code(uint64(symbol), 5) // #nosec G115 -- 0 to 29
	w.write(value, extra)
}

// split finds the class of a value, where each power of two has the same number of classes, and what follows the class.
func split(v, classes int) (symbol int, extra uint, value uint64) {
	u := uint64(v) // #nosec G115 -- not negative
	if v < 2*classes {
		return v, 0, 0
	}
	extra = uint(bits.Len64(u) - bits.Len(uint(classes)))                // #nosec G115 -- not negative
	return int(u>>extra) + int(extra)*classes, extra, u & (1<<extra - 1) // #nosec G115 -- below 30
}
