package keypair_test

import (
	"encoding/base64"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// TestACertificateIsReadInEveryForm takes a certificate in the forms in which
// OpenSSL, Windows and web forms give it.
func TestACertificateIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openssl(t, dir, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=forms", "-days", "3000", "-keyout", "one.key", "-out", "one.crt")
	openssl(t, dir, "crl2pkcs7", "-nocrl", "-certfile", "one.crt", "-out", "p7.pem")
	openssl(t, dir, "crl2pkcs7", "-nocrl", "-certfile", "one.crt", "-outform", "DER", "-out", "p7.der")
	openssl(t, dir, "x509", "-in", "one.crt", "-trustout", "-addtrust", "emailProtection", "-out", "trusted.pem")
	openssl(t, dir, "pkcs12", "-export", "-nokeys", "-in", "one.crt", "-passout", "pass:", "-out", "certificates.p12")
	openssl(t, dir, "pkcs12", "-export", "-inkey", "one.key", "-in", "one.crt", "-nomac", "-keypbe", "NONE", "-certpbe", "NONE", "-passout", "pass:", "-out", "macless.p12")
	openssl(t, dir, "pkcs12", "-export", "-nokeys", "-in", "one.crt", "-nomac", "-certpbe", "NONE", "-passout", "pass:", "-out", "certificates-macless.p12")
	openssl(t, dir, "pkcs12", "-export", "-inkey", "one.key", "-in", "one.crt", "-nomac", "-passout", "pass:open", "-out", "locked.p12")
	openssl(t, dir, "pkcs12", "-export", "-nokeys", "-in", "one.crt", "-passout", "pass:open", "-out", "certificates-locked.p12")
	openssl(t, dir, "pkcs12", "-export", "-nokeys", "-in", "one.crt", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-passout", "pass:open", "-out", "old.p12")
	openssl(t, dir, "pkcs12", "-export", "-nokeys", "-in", "one.crt", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-passout", "pass:", "-out", "old-open.p12")
	text := read(t, filepath.Join(dir, "one.crt"))
	block, _ := pem.Decode([]byte(text))
	forms := map[string]string{
		"PKCS#7, PEM":                read(t, filepath.Join(dir, "p7.pem")),
		"PKCS#7, DER":                read(t, filepath.Join(dir, "p7.der")),
		"trusted":                    read(t, filepath.Join(dir, "trusted.pem")),
		"PKCS#12":                    read(t, filepath.Join(dir, "certificates.p12")),
		"PKCS#12, no MAC":            read(t, filepath.Join(dir, "macless.p12")),
		"certificates alone, no MAC": read(t, filepath.Join(dir, "certificates-macless.p12")),
		"locked, no MAC":             read(t, filepath.Join(dir, "locked.p12")),
		"certificates alone, locked": read(t, filepath.Join(dir, "certificates-locked.p12")),
		"old encryption":             read(t, filepath.Join(dir, "old.p12")),
		"old encryption, no word":    read(t, filepath.Join(dir, "old-open.p12")),
		"PKCS#7, another label":      strings.ReplaceAll(read(t, filepath.Join(dir, "p7.pem")), " PKCS7-", " PKCS #7 SIGNED DATA-"),
		"one line":                   strings.ReplaceAll(text, "\n", ""),
		"one line with blanks":       strings.ReplaceAll(text, "\n", " "),
		"line breaks written out":    strings.ReplaceAll(text, "\n", `\n`),
		"CRLF":                       strings.ReplaceAll(text, "\n", "\r\n"),
		"UTF-16":                     utf16Text(text),
		"base64":                     base64.StdEncoding.EncodeToString(block.Bytes),
		"base64 in lines":            strings.Join(strings.Split(text, "\n")[1:len(strings.Split(text, "\n"))-2], "\n"),
		"DER":                        string(block.Bytes),
	}
	for name, form := range forms {
		contents, err := keypair.Parse([]byte(form), func() (string, error) { return "open", nil })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(contents.Certificates) != 1 || string(contents.Certificates[0].Raw) != string(block.Bytes) {
			t.Errorf("%s: found %d certificates", name, len(contents.Certificates))
		}
	}
}

func utf16Text(text string) string {
	out := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}
