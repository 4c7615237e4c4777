package keypair_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/x509"
	"math/big"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// odd is a certificate put together from parts, each DER.
type odd struct {
	serial     []byte // content
	name       []byte // the set of one pair
	dates      []byte
	key        []byte
	extensions []byte // a list of them, or nil
	signature  byte   // the count of bits that are not used
	after      []byte // what stands after the certificate
}

func value(tag asn1.Tag, contents ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag, func(inner *cryptobyte.Builder) { inner.AddBytes(bytes.Join(contents, nil)) })
	return b.BytesOrPanic()
}

func sequence(contents ...[]byte) []byte { return value(asn1.SEQUENCE, contents...) }

func (o odd) der() []byte {
	algorithm := sequence(identifier("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B"), value(asn1.NULL))
	name := sequence(value(asn1.SET, o.name))
	tbs := [][]byte{
		value(asn1.Tag(0).ContextSpecific().Constructed(), value(asn1.INTEGER, []byte{2})),
		value(asn1.INTEGER, o.serial), algorithm, name, sequence(o.dates), name, o.key,
	}
	if o.extensions != nil {
		tbs = append(tbs, value(asn1.Tag(3).ContextSpecific().Constructed(), sequence(o.extensions)))
	}
	whole := sequence(sequence(tbs...), algorithm, value(asn1.BIT_STRING, []byte{o.signature, 1, 2, 3}))
	return append(whole, o.after...)
}

func identifier(content string) []byte { return value(asn1.OBJECT_IDENTIFIER, []byte(content)) }

func text(tag asn1.Tag, words string) []byte {
	return sequence(identifier("\x55\x04\x03"), value(tag, []byte(words)))
}

func dates(from, until string) []byte {
	return append(value(asn1.UTCTime, []byte(from)), value(asn1.UTCTime, []byte(until))...)
}

func extensionOf(id string, inner []byte) []byte {
	return sequence(identifier(id), value(asn1.OCTET_STRING, inner))
}

func rsaKey(modulus, exponent []byte) []byte {
	return sequence(sequence(identifier("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), value(asn1.NULL)),
		value(asn1.BIT_STRING, []byte{0}, sequence(value(asn1.INTEGER, modulus), value(asn1.INTEGER, exponent))))
}

func curveKey(curve string, point []byte) []byte {
	return sequence(sequence(identifier("\x2A\x86\x48\xCE\x3D\x02\x01"), identifier(curve)), value(asn1.BIT_STRING, []byte{0}, point))
}

// modulus is an odd number of that many bits, with and without the byte that
// makes it positive.
func modulus(bits int) []byte {
	n := new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
	return append([]byte{0}, n.Bytes()...)
}

func plain() odd {
	return odd{
		serial: []byte{5}, name: text(asn1.UTF8String, "odd"), dates: dates("260101000000Z", "360101000000Z"),
		key: rsaKey(modulus(2048), []byte{1, 0, 1}),
	}
}

// The end of a certificate whose dates cannot be read.
func forever() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

type oddCase struct {
	change  func(*odd)
	subject string    // "odd" where it is empty
	key     string    // "rsa 2048" where it is empty
	until   time.Time // 2036 where it is zero
	strict  bool      // crypto/x509 reads it too
	refused bool      // OpenSSL refuses it
	noKey   bool      // OpenSSL reads it, but not its key
}

// oddCases are certificates as the world has them, or worse.
func oddCases() map[string]oddCase {
	x, y := elliptic.P256().Params().Gx, elliptic.P256().Params().Gy
	hybrid := append([]byte{6 | byte(y.Bit(0))}, append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)...)
	p256 := "\x2A\x86\x48\xCE\x3D\x03\x01\x07"
	none := func(*odd) {}
	return map[string]oddCase{
		"plain":                      {change: none, strict: true},
		"negative serial":            {change: func(o *odd) { o.serial = []byte{0xFB} }},
		"long serial":                {change: func(o *odd) { o.serial = bytes.Repeat([]byte{0x7F}, 30) }, strict: true},
		"padded serial":              {change: func(o *odd) { o.serial = []byte{0, 5} }, refused: true},
		"no serial":                  {change: func(o *odd) { o.serial = nil }, refused: true},
		"PrintableString with @":     {change: func(o *odd) { o.name = text(asn1.PrintableString, "a@b_c") }, subject: "a@b_c"},
		"PrintableString, Latin-1":   {change: func(o *odd) { o.name = text(asn1.PrintableString, "J\xFCrgen") }, subject: "J\uFFFDrgen"},
		"IA5String, Latin-1":         {change: func(o *odd) { o.name = text(asn1.IA5String, "J\xFCrgen") }, subject: "J\uFFFDrgen"},
		"BMPString":                  {change: func(o *odd) { o.name = text(asn1.Tag(30), "\x00o\x00d\x00d") }, strict: true},
		"BMPString, cut":             {change: func(o *odd) { o.name = text(asn1.Tag(30), "\x00o\x00") }, refused: true},
		"UTF8String that is not":     {change: func(o *odd) { o.name = text(asn1.UTF8String, "J\xFCrgen") }, refused: true},
		"a name that is a number":    {change: func(o *odd) { o.name = text(asn1.INTEGER, "\x05") }, refused: true},
		"a name of no kind":          {change: func(o *odd) { o.name = text(asn1.Tag(1).ContextSpecific(), "odd") }, refused: true},
		"UTCTime without seconds":    {change: func(o *odd) { o.dates = dates("2601010000Z", "3601010000Z") }, strict: true},
		"UTCTime with a zone":        {change: func(o *odd) { o.dates = dates("260101000000+0100", "360101010000+0100") }, strict: true},
		"UTCTime that is none":       {change: func(o *odd) { o.dates = dates("yesterday", "tomorrow") }, until: forever()},
		"a date of another kind":     {change: func(o *odd) { o.dates = sequence(dates("260101000000Z", "360101000000Z")) }, refused: true},
		"a padded object identifier": {change: func(o *odd) { o.name = sequence(identifier("\x55\x80\x04"), value(asn1.UTF8String, []byte("odd"))) }, refused: true},
		"a cut object identifier":    {change: func(o *odd) { o.name = sequence(identifier("\x55\x84"), value(asn1.UTF8String, []byte("odd"))) }, refused: true},
		"a huge object identifier": {
			change: func(o *odd) {
				o.name = append(text(asn1.UTF8String, "odd"), sequence(identifier("\x55\x8F\xFF\xFF\xFF\xFF\x7F"), value(asn1.UTF8String, []byte("x")))...)
			},
		},
		"an odd alternative name": {change: func(o *odd) {
			o.extensions = extensionOf("\x55\x1D\x11", sequence(value(asn1.Tag(6).ContextSpecific(), []byte("https://[broken"))))
		}},
		"an alternative name that is none": {change: func(o *odd) { o.extensions = extensionOf("\x55\x1D\x11", []byte("words")) }},
		"odd name constraints": {change: func(o *odd) {
			subtree := sequence(value(asn1.Tag(2).ContextSpecific(), []byte(".example..com")))
			o.extensions = extensionOf("\x55\x1D\x1E", sequence(value(asn1.Tag(0).ContextSpecific().Constructed(), subtree)))
		}},
		"an extension twice": {change: func(o *odd) {
			one := extensionOf("\x55\x1D\x13", sequence())
			o.extensions = slices.Concat(one, one)
		}},
		"a broken extension": {change: func(o *odd) { o.extensions = sequence(identifier("\x55\x1D\x13"), value(asn1.INTEGER, []byte{1})) }, refused: true},
		"RSA 512":            {change: func(o *odd) { o.key = rsaKey(modulus(512), []byte{3}) }, key: "rsa 512", strict: true},
		"RSA 768":            {change: func(o *odd) { o.key = rsaKey(modulus(768), []byte{1, 0, 1}) }, key: "rsa 768", strict: true},
		"RSA, negative":      {change: func(o *odd) { o.key = rsaKey(modulus(2048)[1:], []byte{1, 0, 1}) }, key: "rsa 2048"},
		"RSA, 33 bits":       {change: func(o *odd) { o.key = rsaKey(modulus(2048), []byte{1, 0, 0, 0, 1}) }, strict: true},
		"RSA, 66 bits": {
			change: func(o *odd) { o.key = rsaKey(modulus(2048), []byte{2, 0, 0, 0, 0, 0, 0, 0, 1}) }, key: "rsa 2048 with an exponent of 66 bits",
		},
		"RSA, broken": {
			change: func(o *odd) {
				o.key = sequence(sequence(identifier("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), value(asn1.NULL)), value(asn1.BIT_STRING, []byte{0, 0x30, 3, 2}))
			}, key: "unknown", noKey: true,
		},
		"P-256, compressed":  {change: func(o *odd) { o.key = curveKey(p256, elliptic.MarshalCompressed(elliptic.P256(), x, y)) }, key: "ecdsa P-256"},
		"P-256, hybrid":      {change: func(o *odd) { o.key = curveKey(p256, hybrid) }, key: "ecdsa P-256"},
		"P-256, no point":    {change: func(o *odd) { o.key = curveKey(p256, append([]byte{4}, make([]byte, 64)...)) }, key: "unknown", noKey: true},
		"a curve of nowhere": {change: func(o *odd) { o.key = curveKey("\x2A\x03", []byte{4, 1, 1}) }, key: "unknown", noKey: true},
		"a key of nowhere": {
			change: func(o *odd) {
				o.key = sequence(sequence(identifier("\x2A\x03\x04")), value(asn1.BIT_STRING, []byte{0, 1}))
			}, key: "unknown", noKey: true, strict: true,
		},
		"bytes after it":       {change: func(o *odd) { o.after = []byte("\r\n") }, strict: true},
		"impossible signature": {change: func(o *odd) { o.signature = 8 }, refused: true},
		"unclean signature":    {change: func(o *odd) { o.signature = 3 }},
	}
}

func TestOddCertificatesAreReadAsOpenSSLReadsThem(t *testing.T) {
	t.Parallel()
	for name, tt := range oddCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := plain()
			tt.change(&o)
			c, err := keypair.ParseCertificate(o.der())
			if tt.refused {
				if err == nil {
					t.Errorf("read, expected an error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.Subject.CommonName != or(tt.subject, "odd") || keypair.DescribeKey(c.PublicKey) != or(tt.key, "rsa 2048") {
				t.Errorf("subject %q, key %q", c.Subject.CommonName, keypair.DescribeKey(c.PublicKey))
			}
			until := tt.until
			if until.IsZero() {
				until = time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			if !c.NotAfter.Equal(until) {
				t.Errorf("until %v, expected %v", c.NotAfter, until)
			}
			if strict := keypair.Strict(c); (strict == nil) != tt.strict {
				t.Errorf("crypto/x509 says %v, expected it to agree: %v", strict, tt.strict)
			}
			broken, _ := c.PublicKey.(keypair.OtherKey)
			if (broken.Broken != nil) != tt.noKey {
				t.Errorf("the key is broken: %v, expected %v", broken.Broken, tt.noKey)
			}
		})
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func TestANegativeSerialNumberKeepsItsSign(t *testing.T) {
	t.Parallel()
	o := plain()
	o.serial = []byte{0xFB}
	c, err := keypair.ParseCertificate(o.der())
	if err != nil || c.SerialNumber.Cmp(big.NewInt(-5)) != 0 || keypair.Describe(c, now()).Serial != "-05" {
		t.Errorf("%v, %v, %q; expected -5 and -05, as openssl shows it", err, c.SerialNumber, keypair.Describe(c, now()).Serial)
	}
}

func TestOddCertificatesHaveFindings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"negative serial":      {"warning not-strict"},
		"UTCTime that is none": {"warning not-strict"},
		"RSA 512":              {"warning short-rsa"},
		"RSA, 66 bits":         {"warning unusual-key", "warning not-strict"},
		"RSA, negative":        {"warning unusual-key", "warning not-strict"},
		"RSA, broken":          {"error unsupported-key", "warning not-strict"},
		"a key of nowhere":     {"error unsupported-key"},
		"P-256, no point":      {"error unsupported-key", "warning not-strict"},
	} {
		o := plain()
		oddCases()[name].change(&o)
		c, err := keypair.ParseCertificate(o.der())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		in := keypair.Inspect(&keypair.Contents{Format: keypair.DER, Certificates: []*x509.Certificate{c}}, now(), keypair.WarnDays)
		if got := codes(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q, expected %q", name, got, want)
		}
	}
}

// FuzzParseCertificate holds the reader to what it promises of whatever it takes:
// raw parts that can be taken apart again, and facts that can be shown.
func FuzzParseCertificate(f *testing.F) {
	for _, tt := range oddCases() {
		o := plain()
		tt.change(&o)
		f.Add(o.der())
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := keypair.ParseCertificate(der)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(der, c.Raw) || c.SerialNumber == nil || c.PublicKey == nil {
			t.Errorf("%x: raw %x, serial %v, key %v", der, c.Raw, c.SerialNumber, c.PublicKey)
		}
		keypair.Inspect(&keypair.Contents{Certificates: []*x509.Certificate{c}}, now(), 30)
	})
}
