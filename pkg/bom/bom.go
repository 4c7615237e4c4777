// Package bom reads what editors, spreadsheets and shells of Windows put before a
// text: a byte order mark, and with it often UTF-16.
package bom

import (
	"bytes"

	"golang.org/x/text/encoding/unicode"
)

// Text returns a text in UTF-8 without a byte order mark. A text in UTF-16 is
// known by its mark; all other bytes are returned as they are. No format that is
// not text begins as a mark does, of those that this program reads.
func Text(data []byte) []byte {
	if rest, marked := bytes.CutPrefix(data, []byte("\uFEFF")); marked {
		return rest
	}
	if !bytes.HasPrefix(data, []byte{0xFE, 0xFF}) && !bytes.HasPrefix(data, []byte{0xFF, 0xFE}) {
		return data
	}
	decoded, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	if err != nil {
		return data // whoever reads it says what is wrong
	}
	return decoded
}
