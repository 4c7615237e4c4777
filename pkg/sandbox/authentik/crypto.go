package authentik

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// generate makes a self-signed pair (authentik/crypto/builder.py).
func (a *Authentik) generate(c *call) reply {
	if bad := c.decode(); bad != nil {
		return *bad
	}
	name, days, wrong := a.wished(c.sent)
	if len(wrong) > 0 {
		return reply{status: http.StatusBadRequest, body: wrong}
	}
	names, _ := c.sent["subject_alt_name"].(string) // DNS names alone
	algorithm, _ := c.sent["alg"].(string)
	certificate, key, err := a.selfSigned(name, days, algorithm, strings.FieldsFunc(names, func(r rune) bool { return r == ',' })...)
	if err != nil {
		return detail(http.StatusInternalServerError, err.Error())
	}
	o := a.kinds[pathKeyPairs].fresh()
	sent := Object{"name": name, "certificate_data": certificate, "key_data": key}
	if problems := a.set(a.kinds[pathKeyPairs], o, sent, true); problems != nil {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	if err := a.insert(a.kinds[pathKeyPairs], o); err != nil {
		return detail(http.StatusBadRequest, err.Error())
	}
	return reply{status: http.StatusOK, body: a.kinds[pathKeyPairs].told(a, o, nil)}
}

// wished reads what a generated certificate is to be like.
func (a *Authentik) wished(sent Object) (name string, days int, problems Object) {
	problems = Object{}
	algorithms := []any{nil, "rsa", "ecdsa"}
	if a.since(Release202602) {
		algorithms = append(algorithms, "ed25519") // and ed448, which Go does not have
	}
	if name, _ = sent["common_name"].(string); name == "" {
		problems["common_name"] = []string{"This field is required."}
	}
	days, valid := whole(sent["validity_days"])
	switch {
	case sent["validity_days"] == nil:
		problems["validity_days"] = []string{"This field is required."}
	case !valid || days < 1 || days > maxDays:
		problems["validity_days"] = []string{"A valid integer is required."}
	}
	switch sent["alg"].(type) {
	case nil, string:
		if !slices.Contains(algorithms, sent["alg"]) {
			problems["alg"] = []string{fmt.Sprintf("%q is not a valid choice.", sent["alg"])}
		}
	default:
		problems["alg"] = []string{"Not a valid string."}
	}
	names, given := sent["subject_alt_name"].(string)
	if sent["subject_alt_name"] != nil && !given || strings.ContainsFunc(names, func(r rune) bool { return r <= ' ' || r > '~' }) {
		problems["subject_alt_name"] = []string{"Not a valid string."}
	}
	return name, days, problems
}

// maxDays keep the end of a certificate within four digits of years.
const maxDays = 365_000

// selfSigned makes a pair as authentik/crypto/builder.py does, with half of its
// bits: to find 4096 takes seconds.
func (a *Authentik) selfSigned(name string, days int, algorithm string, dns ...string) (certificate, key string, err error) {
	now := a.config.Now()
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(a.random(8))), DNSNames: dns, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(0, 0, days),
		Subject: pkix.Name{CommonName: strings.ToValidUTF8(name[:min(len(name), 64)], ""), Organization: []string{"authentik"}, OrganizationalUnit: []string{"Self-signed"}},
	}
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: "authentik " + a.config.Release.version()}}
	private, err := a.newKey(algorithm)
	if err != nil {
		return "", "", err
	}
	der, err := x509.CreateCertificate(a.config.Rand, template, issuer, private.Public(), private)
	if err != nil {
		return "", "", err
	}
	bare, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bare})), nil
}

func (a *Authentik) newKey(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "ecdsa":
		return ecdsa.GenerateKey(elliptic.P256(), a.config.Rand)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(a.config.Rand)
		return key, err
	}
	return rsa.GenerateKey(a.config.Rand, 2048)
}

// viewPEM tells the certificate or the key of a pair, as a file if asked.
func viewPEM(c *call, o Object, field, suffix string) reply {
	text, _ := o[field].(string)
	if !c.URL.Query().Has("download") {
		return reply{status: http.StatusOK, body: Object{"data": text}}
	}
	return reply{status: http.StatusOK, body: text, kind: "application/x-pem-file", file: fmt.Sprintf("%v_%s.pem", o["name"], suffix)}
}
