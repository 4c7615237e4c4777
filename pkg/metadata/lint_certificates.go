package metadata

import (
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// lintCertificates looks at what Sentry will check signatures with.
func (l *linter) lintCertificates() {
	if l.idp == nil {
		return
	}
	for _, c := range l.certificates {
		if c.parsed == nil {
			l.add("unreadable-certificate", c.Line, "this is not the base64 of an X.509 certificate")
		}
	}
	trusted := l.trusted()
	switch {
	case trusted >= 0:
		l.lintTrusted(trusted)
	case len(l.keys) > 0:
		l.add("encryption-only", l.idp.line, "there are %d certificates for encryption and none for signing", len(l.keys))
	default:
		l.add("no-certificate", l.idp.line, "there is no X509Certificate in the IDPSSODescriptor")
	}
}

func (l *linter) lintTrusted(trusted int) {
	c := l.certificates[trusted]
	if !l.keys[trusted].signs() {
		l.add("encryption-certificate", c.Line, "the only certificate has the use %q", c.Use)
	}
	if others := l.otherSigners(trusted); len(others) > 0 {
		l.add("several-certificates", c.Line, "there are %d signing certificates; Sentry trusts %s and not %s",
			len(others)+1, c.short(), strings.Join(others, ", "))
	}
	if c.parsed == nil {
		return
	}
	contents := &keypair.Contents{Format: keypair.DER, Certificates: []*x509.Certificate{c.parsed}}
	for _, f := range keypair.Inspect(contents, l.from.Now, l.from.WarnDays).Findings {
		l.add(f.Code, c.Line, "%s", f.Message)
	}
}

// otherSigners names the signing certificates beside the trusted one. The same
// certificate twice is one.
func (l *linter) otherSigners(trusted int) []string {
	var others []string
	seen := map[string]bool{l.keys[trusted].text: true}
	for i, key := range l.keys {
		if key.signs() && !seen[key.text] {
			seen[key.text] = true
			others = append(others, l.certificates[i].short())
		}
	}
	return others
}

// short tells a certificate from others by the beginning of its fingerprint.
func (c Certificate) short() string {
	if c.Facts == nil {
		return fmt.Sprintf("the unreadable one of line %d", c.Line)
	}
	return c.Facts.FingerprintSHA256[:23] + "…"
}
