package keypair

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
	"unicode/utf16"
)

// ParseCertificate reads a certificate in DER as OpenSSL does, which Sentry uses:
// crypto/x509 refuses negative serial numbers, malformed names, times and
// extensions, and keys on curves that Go does not have. Of a certificate that only
// OpenSSL reads, the fields are set that a person or a signature needs: the raw
// parts, names, serial number, dates, key, signature algorithm and IsCA. Dates
// that cannot be read are zero and the year 9999. See [Strict].
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	certificate, strict := x509.ParseCertificate(der)
	if strict != nil {
		var err error
		if certificate, err = parseLenient(der); err != nil {
			return nil, strict
		}
	}
	if key, ok := certificate.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSA {
		return nil, fmt.Errorf("%w of %d bits, more than %d", errHuge, key.N.BitLen(), maxRSA)
	}
	return certificate, nil
}

// errHuge is about a key whose arithmetic would take minutes.
var errHuge = errors.New("the certificate has an RSA key")

// Strict is why crypto/x509 refuses a certificate that ParseCertificate read, or
// nil. Other strict programs may refuse it too; OpenSSL and Sentry do not.
func Strict(c *x509.Certificate) error {
	_, err := x509.ParseCertificate(c.Raw)
	return err
}

// OtherKey is a public key that Go has no type for.
type OtherKey struct {
	Kind string // such as "ecdsa secp256k1"
}

// String names the kind.
func (k OtherKey) String() string { return k.Kind }

// value is the next ASN.1 value of a list.
func value(list []byte) (found asn1.RawValue, rest []byte, err error) {
	rest, err = asn1.Unmarshal(list, &found)
	return found, rest, err
}

const classContext = asn1.ClassContextSpecific

// parseLenient steps through a certificate (RFC 5280, 4.1) and looks only at what
// it needs.
func parseLenient(der []byte) (*x509.Certificate, error) {
	outer, rest, err := value(der)
	if err != nil || len(rest) > 0 || outer.Tag != asn1.TagSequence {
		return nil, errors.New("this is not a certificate")
	}
	tbs, after, err := value(outer.Bytes)
	if err != nil || tbs.Tag != asn1.TagSequence {
		return nil, errors.New("this is not a certificate")
	}
	c := &x509.Certificate{Raw: outer.FullBytes, RawTBSCertificate: tbs.FullBytes, Version: 1}
	if err := parseTBS(c, tbs.Bytes); err != nil {
		return nil, err
	}
	algorithm, after, err := value(after)
	if err != nil {
		return nil, err
	}
	c.SignatureAlgorithm = signatureAlgorithm(algorithm.Bytes)
	var signature asn1.BitString
	if _, err := asn1.Unmarshal(after, &signature); err != nil {
		return nil, err
	}
	c.Signature = signature.RightAlign()
	return c, nil
}

func parseTBS(c *x509.Certificate, list []byte) error {
	var parts []asn1.RawValue
	for len(list) > 0 {
		part, rest, err := value(list)
		if err != nil {
			return err
		}
		parts, list = append(parts, part), rest
	}
	if len(parts) > 0 && parts[0].Class == classContext && parts[0].Tag == 0 {
		if version, _, err := value(parts[0].Bytes); err == nil && len(version.Bytes) == 1 {
			c.Version = int(version.Bytes[0]) + 1
		}
		parts = parts[1:]
	}
	if len(parts) < 6 || parts[0].Tag != asn1.TagInteger {
		return errors.New("the certificate has too few parts")
	}
	c.SerialNumber = signed(parts[0].Bytes)
	c.RawIssuer, c.RawSubject = parts[2].FullBytes, parts[4].FullBytes
	c.Issuer, c.Subject = name(parts[2].Bytes), name(parts[4].Bytes)
	c.NotBefore, c.NotAfter = validity(parts[3].Bytes)
	c.RawSubjectPublicKeyInfo = parts[5].FullBytes
	for _, part := range parts[6:] {
		if part.Class == classContext && part.Tag == 3 {
			c.IsCA = isAuthority(part.Bytes)
			c.BasicConstraintsValid = c.IsCA
		}
	}
	return parsePublic(c)
}

// parsePublic reads the key; one that Go has no type for is an OtherKey.
func parsePublic(c *x509.Certificate) error {
	public, strict := x509.ParsePKIXPublicKey(c.RawSubjectPublicKeyInfo)
	if strict == nil {
		c.PublicKey = public
		return nil
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &info); err != nil {
		return fmt.Errorf("the public key cannot be read: %w", err)
	}
	c.PublicKey = OtherKey{otherKind(info.Algorithm, info.Key.RightAlign())}
	return nil
}

func otherKind(algorithm pkix.AlgorithmIdentifier, key []byte) string {
	switch algorithm.Algorithm.String() {
	case "1.2.840.113549.1.1.1":
		var rsa struct{ N, E *big.Int }
		if _, err := asn1.Unmarshal(key, &rsa); err == nil {
			return fmt.Sprintf("rsa %d with an exponent of %d bits", rsa.N.BitLen(), rsa.E.BitLen())
		}
		return "rsa"
	case "1.2.840.10045.2.1":
		var curve asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &curve); err == nil {
			return "ecdsa " + curveName(curve)
		}
		return "ecdsa"
	}
	return algorithm.Algorithm.String()
}

// curveName is the usual name of a curve that Go does not have (SEC 2; RFC 5639).
func curveName(curve asn1.ObjectIdentifier) string {
	names := map[string]string{
		"1.3.132.0.10": "secp256k1", "1.3.132.0.31": "secp192k1", "1.3.132.0.32": "secp224k1", "1.2.840.10045.3.1.1": "prime192v1",
		"1.3.36.3.3.2.8.1.1.1": "brainpoolP160r1", "1.3.36.3.3.2.8.1.1.3": "brainpoolP192r1", "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1",
		"1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
		"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
	}
	if known := names[curve.String()]; known != "" {
		return known
	}
	return curve.String()
}

// signed reads a two's complement number of any form.
func signed(data []byte) *big.Int {
	n := new(big.Int).SetBytes(data)
	if len(data) > 0 && data[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(data))*8))
	}
	return n
}

// name reads a distinguished name, and passes over what it cannot read.
func name(list []byte) pkix.Name {
	var sequence pkix.RDNSequence
	for len(list) > 0 {
		set, rest, err := value(list)
		if err != nil {
			break
		}
		list = rest
		var row pkix.RelativeDistinguishedNameSET
		for inner := set.Bytes; len(inner) > 0; {
			pair, rest, err := value(inner)
			if err != nil {
				break
			}
			inner = rest
			var kind asn1.ObjectIdentifier
			after, err := asn1.Unmarshal(pair.Bytes, &kind)
			if err != nil {
				continue
			}
			if text, _, err := value(after); err == nil {
				row = append(row, pkix.AttributeTypeAndValue{Type: kind, Value: words(text)})
			}
		}
		sequence = append(sequence, row)
	}
	var found pkix.Name
	found.FillFromRDNSequence(&sequence)
	return found
}

// words is the text of a string of any kind.
func words(text asn1.RawValue) string {
	if text.Tag != asn1.TagBMPString || len(text.Bytes)%2 != 0 {
		return string(text.Bytes)
	}
	units := make([]uint16, 0, len(text.Bytes)/2)
	for i := 0; i < len(text.Bytes); i += 2 {
		units = append(units, uint16(text.Bytes[i])<<8|uint16(text.Bytes[i+1]))
	}
	return string(utf16.Decode(units))
}

// validity reads the dates, also in forms that RFC 5280 forbids: without seconds,
// with a zone, with fractions.
func validity(list []byte) (from, until time.Time) {
	until = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	first, rest, err := value(list)
	if err != nil {
		return from, until
	}
	if date, ok := date(first); ok {
		from = date
	}
	if second, _, err := value(rest); err == nil {
		if date, ok := date(second); ok {
			until = date
		}
	}
	return from, until
}

func date(text asn1.RawValue) (time.Time, bool) {
	layouts := []string{"20060102150405Z0700", "20060102150405.999999999Z0700", "200601021504Z0700", "20060102150405"}
	if text.Tag == asn1.TagUTCTime {
		layouts = []string{"060102150405Z0700", "0601021504Z0700", "060102150405"}
	}
	for _, layout := range layouts {
		date, err := time.Parse(layout, string(text.Bytes))
		if err != nil {
			continue
		}
		if text.Tag == asn1.TagUTCTime && date.Year() >= 2050 { // RFC 5280, 4.1.2.5.1
			date = date.AddDate(-100, 0, 0)
		}
		return date.UTC(), true
	}
	return time.Time{}, false
}

// isAuthority looks for basicConstraints (RFC 5280, 4.2.1.9) that say so.
func isAuthority(explicit []byte) bool {
	list, _, err := value(explicit)
	if err != nil {
		return false
	}
	for rest := list.Bytes; len(rest) > 0; {
		var extension asn1.RawValue
		if extension, rest, err = value(rest); err != nil {
			return false
		}
		var read pkix.Extension
		if _, err := asn1.Unmarshal(extension.FullBytes, &read); err != nil || read.Id.String() != "2.5.29.19" {
			continue
		}
		var constraints struct {
			CA   bool `asn1:"optional"`
			Path int  `asn1:"optional"`
		}
		_, err := asn1.Unmarshal(read.Value, &constraints)
		return err == nil && constraints.CA
	}
	return false
}

func signatureAlgorithm(list []byte) x509.SignatureAlgorithm {
	var kind asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(list, &kind); err != nil {
		return x509.UnknownSignatureAlgorithm
	}
	return map[string]x509.SignatureAlgorithm{
		"1.2.840.113549.1.1.4": x509.MD5WithRSA, "1.2.840.113549.1.1.5": x509.SHA1WithRSA, "1.2.840.113549.1.1.11": x509.SHA256WithRSA,
		"1.2.840.113549.1.1.12": x509.SHA384WithRSA, "1.2.840.113549.1.1.13": x509.SHA512WithRSA, "1.2.840.10045.4.1": x509.ECDSAWithSHA1,
		"1.2.840.10045.4.3.2": x509.ECDSAWithSHA256, "1.2.840.10045.4.3.3": x509.ECDSAWithSHA384, "1.2.840.10045.4.3.4": x509.ECDSAWithSHA512,
	}[kind.String()]
}
