package keypair_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	block := string(generate(t, keypair.ECDSAP256).CertificatePEM())
	for name, text := range map[string]string{
		"nothing": "", "words": "certificate", "too large": strings.Repeat("x", keypair.MaxBytes+1),
		"a broken block":           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"a broken key":             "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"a request":                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
		"too many":                 strings.Repeat(block, 101),
		"DER that goes on":         "\x30\x82\xff\xff",
		"PKCS#12 that is cut":      "\x30\x82\x01\x00\x02\x01\x03",
		"a good and a broken one":  block + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"an unfinished PEM":        block[:len(block)/2],
		"a block of another label": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contents, err := keypair.Parse([]byte(text), func() (string, error) { return "", errors.New("asked") })
			if err == nil || err.Error() == "" {
				t.Errorf("got %+v, want an error", contents)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	pair, err := rsaPair()
	if err != nil {
		f.Fatal(err)
	}
	key, err := pair.KeyPEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pair.CertificatePEM())
	f.Add(key)
	f.Add(pair.Certificate.Raw)
	f.Add(append(bytes.Clone(key), pair.CertificatePEM()...))
	f.Add([]byte("\x30\x82\x01\x00\x02\x01\x03"))
	p12, err := os.ReadFile("testdata/pair.p12")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p12)
	f.Fuzz(func(t *testing.T, data []byte) {
		contents, err := keypair.Parse(data, func() (string, error) { return "sntrys_canary_passphrase", nil })
		if err == nil && len(contents.Certificates)+len(contents.Keys) == 0 {
			t.Error("nothing was found, and no error given")
		}
		if err == nil {
			keypair.Inspect(contents, now(), 30)
		}
	})
}
