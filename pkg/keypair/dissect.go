package keypair

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// parts are those of a certificate (RFC 5280, 4.1), each with its header unless it
// is said otherwise.
type parts struct {
	raw, tbs        []byte
	version         []byte // content; empty: the first
	serial          []byte // content
	issuer, subject []byte
	dates           []date
	key             []byte // SubjectPublicKeyInfo
	extensions      []extension
	algorithm       []byte // content: the object identifier
	signature       []byte // bits
}

type extension struct{ id, value []byte }

type date struct {
	kind asn1.Tag // UTCTime or GeneralizedTime
	text string
}

// reader takes ASN.1 values off a list, and remembers the first that is not what
// it has to be.
type reader struct {
	rest  cryptobyte.String
	wrong *error
}

func (r reader) fail(format string, args ...any) {
	if *r.wrong == nil {
		*r.wrong = fmt.Errorf(format, args...)
	}
}

// into is a reader of the content of the next value.
func (r *reader) into(tag asn1.Tag, what string) reader {
	return reader{rest: r.content(tag, what), wrong: r.wrong}
}

// content takes the next value, and returns what is in it.
func (r *reader) content(tag asn1.Tag, what string) cryptobyte.String {
	var out cryptobyte.String
	if !r.rest.ReadASN1(&out, tag) {
		r.fail("the %s is missing or malformed", what)
		r.rest = nil
	}
	return out
}

// whole takes the next sequence, and returns it with its header.
func (r *reader) whole(what string) cryptobyte.String {
	var out cryptobyte.String
	if !r.rest.ReadASN1Element(&out, asn1.SEQUENCE) {
		r.fail("the %s is missing or malformed", what)
		r.rest = nil
	}
	return out
}

func (r *reader) end(what string) {
	if len(r.rest) > 0 {
		r.fail("the %s has more parts than it may have", what)
	}
}

func (r *reader) more() bool { return *r.wrong == nil && len(r.rest) > 0 }

// dissect takes a certificate apart, and refuses what OpenSSL's d2i_X509 refuses
// (crypto/asn1/tasn_dec.c, crypto/x509/x_name.c): it looks at the structure, and
// at the form of numbers, object identifiers, bits and the texts of names. It does
// not look into dates, extensions and the key. Lengths that only BER allows, which
// OpenSSL takes, are refused here too. What stands after the certificate is left.
func dissect(der []byte) (*parts, error) {
	var wrong error
	outer := reader{rest: der, wrong: &wrong}
	p := &parts{raw: outer.whole("certificate")}
	body := reader{rest: p.raw, wrong: &wrong}
	body = body.into(asn1.SEQUENCE, "certificate")
	p.tbs = body.whole("part that is signed")
	p.algorithm = body.algorithm("signature algorithm")
	p.signature = body.bits(asn1.BIT_STRING, "signature")
	body.end("certificate")
	tbs := reader{rest: p.tbs, wrong: &wrong}
	p.readTBS(tbs.into(asn1.SEQUENCE, "part that is signed"))
	return p, wrong
}

func (p *parts) readTBS(r reader) {
	context := func(n asn1.Tag) asn1.Tag { return n.ContextSpecific() }
	if r.rest.PeekASN1Tag(context(0).Constructed()) {
		explicit := r.into(context(0).Constructed(), "version")
		p.version = explicit.number("version")
		explicit.end("version")
	}
	p.serial = r.number("serial number")
	r.algorithm("signature algorithm")
	p.issuer = r.name("issuer")
	validity := r.into(asn1.SEQUENCE, "validity")
	p.dates = []date{validity.date("start"), validity.date("end")}
	validity.end("validity")
	p.subject = r.name("subject")
	p.key = r.whole("public key")
	key := reader{rest: p.key, wrong: r.wrong}
	key = key.into(asn1.SEQUENCE, "public key")
	key.algorithm("algorithm of the public key")
	key.bits(asn1.BIT_STRING, "public key")
	key.end("public key")
	for _, tag := range []asn1.Tag{context(1), context(2)} {
		if r.rest.PeekASN1Tag(tag) {
			r.bits(tag, "unique identifier")
		}
	}
	if r.rest.PeekASN1Tag(context(3).Constructed()) {
		explicit := r.into(context(3).Constructed(), "list of extensions")
		list := explicit.into(asn1.SEQUENCE, "list of extensions")
		explicit.end("list of extensions")
		for list.more() {
			p.extensions = append(p.extensions, list.extension())
		}
	}
	r.end("certificate")
}

func (r *reader) extension() extension {
	inner := r.into(asn1.SEQUENCE, "extension")
	found := extension{id: inner.identifier("extension")}
	if inner.rest.PeekASN1Tag(asn1.BOOLEAN) && len(inner.content(asn1.BOOLEAN, "extension")) != 1 {
		r.fail("an extension is malformed")
	}
	found.value = inner.content(asn1.OCTET_STRING, "extension")
	inner.end("extension")
	return found
}

func (r *reader) number(what string) []byte {
	n := r.content(asn1.INTEGER, what)
	if !isNumber(n) {
		r.fail("the %s is malformed", what)
	}
	return n
}

// isNumber is false for one that is empty or longer than it has to be (X.690, 8.3).
func isNumber(n []byte) bool {
	padded := len(n) > 1 && (n[0] == 0 && n[1] < 0x80 || n[0] == 0xFF && n[1] >= 0x80)
	return len(n) > 0 && !padded
}

func (r *reader) identifier(what string) []byte {
	id := r.content(asn1.OBJECT_IDENTIFIER, what)
	if !isIdentifier(id) {
		r.fail("the object identifier of the %s is malformed", what)
	}
	return id
}

// isIdentifier is false for one that is empty, is cut off, or has a padded
// component (X.690, 8.19).
func isIdentifier(id []byte) bool {
	start := true
	for _, b := range id {
		if start && b == 0x80 {
			return false
		}
		start = b < 0x80
	}
	return len(id) > 0 && start
}

func (r *reader) algorithm(what string) []byte {
	inner := r.into(asn1.SEQUENCE, what)
	id := inner.identifier(what)
	if inner.more() {
		var parameters cryptobyte.String
		var tag asn1.Tag
		if !inner.rest.ReadAnyASN1(&parameters, &tag) {
			r.fail("the parameters of the %s are malformed", what)
		}
		inner.checkAny(tag, parameters, what)
	}
	inner.end(what)
	return id
}

// bits returns those of a bit string, which is at least the count of bits that are
// not used.
func (r *reader) bits(tag asn1.Tag, what string) []byte {
	content := r.content(tag, what)
	if len(content) == 0 || content[0] > 7 {
		r.fail("the bits of the %s are malformed", what)
		return nil
	}
	return content[1:]
}

// date takes one of the two kinds of dates, whatever it says.
func (r *reader) date(what string) date {
	var text cryptobyte.String
	var tag asn1.Tag
	if !r.rest.ReadAnyASN1(&text, &tag) || tag != asn1.UTCTime && tag != asn1.GeneralizedTime {
		r.fail("the %s of the validity is missing or malformed", what)
		r.rest = nil
	}
	return date{tag, string(text)}
}

// name takes a distinguished name.
func (r *reader) name(what string) []byte {
	whole := r.whole(what)
	sets := reader{rest: whole, wrong: r.wrong}
	sets = sets.into(asn1.SEQUENCE, what)
	for sets.more() {
		for set := sets.into(asn1.SET, what); set.more(); {
			pair := set.into(asn1.SEQUENCE, what)
			pair.identifier(what)
			var text cryptobyte.String
			var tag asn1.Tag
			if !pair.rest.ReadAnyASN1(&text, &tag) {
				r.fail("a text of the %s is missing or malformed", what)
			}
			pair.checkText(tag, text, what)
			pair.end(what)
		}
	}
	return whole
}

// The kinds that cryptobyte has no constant for.
const (
	endOfContents   = asn1.Tag(0)
	videotexString  = asn1.Tag(21)
	graphicString   = asn1.Tag(25)
	visibleString   = asn1.Tag(26)
	generalString   = asn1.Tag(27)
	universalString = asn1.Tag(28)
	bmpString       = asn1.Tag(30)
)

// The bits of a tag that are not its number (X.690, 8.1.2).
const (
	classBits      = asn1.Tag(0xC0)
	constructedBit = asn1.Tag(0x20)
)

// checkText refuses what cannot be a text of a name (OpenSSL, asn1.h,
// B_ASN1_PRINTABLE).
func (r *reader) checkText(tag asn1.Tag, text []byte, what string) {
	switch tag {
	case asn1.BOOLEAN, asn1.INTEGER, asn1.OCTET_STRING, asn1.NULL, asn1.OBJECT_IDENTIFIER, asn1.ENUM, asn1.SET,
		asn1.UTCTime, asn1.GeneralizedTime, videotexString, graphicString, visibleString, generalString:
		r.fail("a text of the %s is of a kind that it must not be of", what)
	case asn1.UTF8String:
		if !utf8.Valid(text) {
			r.fail("a text of the %s is not UTF-8", what)
		}
	default:
		if tag&classBits != 0 {
			r.fail("a text of the %s is of a kind that it must not be of", what)
		}
	}
	r.checkAny(tag, text, what)
}

// checkAny refuses what is malformed whatever it is for.
func (r *reader) checkAny(tag asn1.Tag, content []byte, what string) {
	good := true
	switch tag {
	case asn1.BOOLEAN:
		good = len(content) == 1
	case asn1.NULL:
		good = len(content) == 0
	case asn1.BIT_STRING:
		good = len(content) > 0 && content[0] <= 7
	case bmpString:
		good = len(content)%2 == 0
	case universalString:
		good = len(content)%4 == 0
	case asn1.INTEGER, asn1.ENUM:
		good = isNumber(content)
	case asn1.OBJECT_IDENTIFIER:
		good = isIdentifier(content)
	case asn1.SEQUENCE, asn1.SET:
	case asn1.SEQUENCE &^ constructedBit, asn1.SET &^ constructedBit, endOfContents:
		good = false
	default: // a string in pieces is left to BER
		good = tag&classBits != 0 || tag&constructedBit == 0
	}
	if !good {
		r.fail("a value of the %s is malformed", what)
	}
}
