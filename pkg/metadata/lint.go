package metadata

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// Verdict is what becomes of metadata that Sentry is given.
type Verdict string

// The verdicts. Unjudged is for documents too large to be read.
const (
	IsStored Verdict = "stored"
	Refused  Verdict = "refused"
	Unjudged Verdict = "unjudged"
)

// Judgement is what Sentry makes of metadata, and what is wrong with it.
type Judgement struct {
	Source       string        `json:"source"`  // file, URL or "-"
	Verdict      Verdict       `json:"verdict"` // what Sentry does
	Reason       string        `json:"reason"`  // Sentry's words where it refuses
	Stored       *Stored       `json:"stored"`  // null where Sentry cannot parse it
	Certificates []Certificate `json:"certificates"`
	Findings     []Finding     `json:"findings"` // by line
}

// Certificate is a certificate of the identity provider.
type Certificate struct {
	Line    int                      `json:"line"`
	Use     string                   `json:"use"`     // signing, encryption, or empty for both
	Trusted bool                     `json:"trusted"` // the one that Sentry keeps
	Facts   *keypair.CertificateInfo `json:"facts"`   // null where it cannot be read

	parsed *x509.Certificate
}

// Finding is something that is wrong or worth knowing. Line is 0 where it is
// about no line.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Line     int      `json:"line"`
	Message  string   `json:"message"`
	Sentry   string   `json:"sentry"` // what Sentry does
	Fix      string   `json:"fix"`
}

// Sentence is the finding in one line: what is found, what Sentry does, and what
// helps.
func (f Finding) Sentence() string { return f.Message + ": Sentry " + f.Sentry + "; " + f.Fix }

// Source is where metadata came from and how it is judged.
type Source struct {
	Name     string    // as it shall be called
	URL      string    // where it was fetched from; empty: not fetched
	Now      time.Time // for validity
	WarnDays int       // certificates that end within so many days are found
}

// Judge says what Sentry does with metadata. It has no error: what cannot be
// read is a finding. Input is hostile and read within the limits of [Parse].
func Judge(metadata []byte, from Source) *Judgement {
	j := &Judgement{Source: from.Name, Certificates: []Certificate{}, Findings: []Finding{}}
	r, err := read(metadata)
	if err != nil {
		j.refuse(err)
		return j
	}
	stored := r.stored()
	j.Stored, j.Verdict, j.Reason = &stored, IsStored, reasonOf(stored)
	if j.Reason != "" {
		j.Verdict = Refused
	}
	j.Certificates = r.certificates(from.Now)
	l := linter{reading: r, from: from, certificates: j.Certificates}
	l.lintDocument(metadata)
	l.lintEntity()
	l.lintEndpoints()
	l.lintCertificates()
	j.Add(l.findings)
	return j
}

// Add puts findings to those of the judgement, in their order.
func (j *Judgement) Add(findings []Finding) {
	j.Findings = append(j.Findings, findings...)
	slices.SortStableFunc(j.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
}

// Worst reports whether there is a finding of at least the given severity.
func (j *Judgement) Worst(least Severity) bool {
	return slices.ContainsFunc(j.Findings, func(f Finding) bool { return f.Severity.AtLeast(least) })
}

// refuse takes over why a document could not be read.
func (j *Judgement) refuse(err error) {
	wrong, ok := errors.AsType[*syntax](err)
	if !ok {
		wrong = &syntax{codeMalformed, 1, err}
	}
	j.Verdict, j.Reason = Refused, "Failed to parse provided SAML2 metadata"
	if wrong.code == codeLarge {
		j.Verdict, j.Reason = Unjudged, ""
	}
	var l linter
	l.add(wrong.code, wrong.line, "%w", wrong.err)
	j.Add(l.findings)
}

// certificates reads the certificates of the identity provider.
func (r *reading) certificates(now time.Time) []Certificate {
	list := make([]Certificate, 0, len(r.keys))
	trusted := r.trusted()
	for i, key := range r.keys {
		c := Certificate{Line: key.line, Use: key.use, Trusted: i == trusted}
		if c.parsed = parseCertificate(key.text); c.parsed != nil {
			facts := keypair.Describe(c.parsed, now)
			c.Facts = &facts
		}
		list = append(list, c)
	}
	return list
}

// parseCertificate reads the text of an X509Certificate, or returns nil.
func parseCertificate(text string) *x509.Certificate {
	certificate, err := keypair.ParseStored(text)
	if err != nil {
		return nil
	}
	return certificate
}

// linter collects findings.
type linter struct {
	*reading

	from         Source
	certificates []Certificate
	findings     []Finding
}

func (l *linter) add(code string, line int, format string, args ...any) {
	rule := ruleOf(code)
	l.findings = append(l.findings, Finding{
		Code: code, Severity: rule.Severity, Line: line, Message: fmt.Errorf(format, args...).Error(),
		Sentry: rule.Sentry, Fix: rule.Fix,
	})
}
