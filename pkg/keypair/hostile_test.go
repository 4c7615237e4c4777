package keypair_test

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	crt := string(generate(t, keypair.ECDSAP256).CertificatePEM())
	empty := func(label string) string {
		return "-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n"
	}
	tests := map[string]struct{ text, want string }{
		"a key that is cut short":  {crt + crt[:len(crt)-40], "2 PEM blocks, of which 1 are damaged"},
		"damage before a good one": {crt[:100] + "\n" + crt, "1 are damaged"},
		"a DSA key":                {empty("DSA PRIVATE KEY"), "want an RSA or ECDSA key"},
		"only a public key":        {empty("PUBLIC KEY"), `neither a certificate nor a private key, only "PUBLIC KEY"`},
		"a huge key":               {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: make([]byte, 20<<10)})), "20480 bytes"},
		"a huge certificate key":   {hugeCertificate(t), "RSA key of 17000 bits, more than 16384"},
		"too many":                 {strings.Repeat(crt, 101), "more than 100 blocks"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := keypair.Parse([]byte(tt.text), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || fault.CodeOf(err) != fault.Failed {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// hugeCertificate holds a modulus that takes long to check signatures with.
func hugeCertificate(t *testing.T) string {
	t.Helper()
	public, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 16999, 1), E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	type validity struct{ NotBefore, NotAfter time.Time }
	type body struct {
		Version   int `asn1:"explicit,tag:0"`
		Serial    int
		Algorithm pkix.AlgorithmIdentifier
		Issuer    pkix.RDNSequence
		Validity  validity
		Subject   pkix.RDNSequence
		Public    asn1.RawValue
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: asn1.NullRawValue}
	der, err := asn1.Marshal(struct {
		Body      body
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{
		body{2, 1, algorithm, nil, validity{now(), now().AddDate(1, 0, 0)}, nil, asn1.RawValue{FullBytes: public}},
		algorithm,
		asn1.BitString{Bytes: []byte{1}, BitLength: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestPKCS12CannotAskForEndlessWork(t *testing.T) {
	t.Parallel()
	type parameters struct {
		Digest     []int
		Salt       []byte
		Iterations int
	}
	costs := func(iterations int) parameters { return parameters{nil, []byte("salt"), iterations} }
	for want, parts := range map[string][]parameters{
		"more than 2000000 iterations":  {costs(2_000_001)},
		"more than 2000000 iterations ": {costs(1_000_000), costs(600_000), costs(400_001)},
		"cannot be read":                {costs(2_000_000)},
		"cannot be read:":               {costs(1_000_000), costs(600_000), costs(400_000)},
	} {
		data, err := asn1.Marshal(struct {
			Version int
			Safe    []int
			Parts   []parameters
		}{3, nil, parts})
		if err != nil {
			t.Fatal(err)
		}
		_, err = keypair.Parse(data, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, expected %q", parts, err, want)
		}
	}
}

func TestAByteOrderMarkDoesNoHarm(t *testing.T) {
	t.Parallel()
	pair := generate(t, keypair.ECDSAP256)
	contents, err := keypair.Parse(append([]byte("\uFEFF"), pair.CertificatePEM()...), nil)
	if err != nil || len(contents.Certificates) != 1 {
		t.Errorf("got %+v, %v", contents, err)
	}
}
