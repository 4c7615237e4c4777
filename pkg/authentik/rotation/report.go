package rotation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Report is the document of a roll-over.
type Report struct {
	Provider string      `json:"provider"`
	Next     Step        `json:"next_step"` // empty: a new roll-over can begin
	Steps    []StepState `json:"steps"`

	Current *Pair `json:"current"` // that authentik signs with; null: none
	Waiting *Pair `json:"waiting"` // the next one
	Old     *Pair `json:"old"`

	// Sentry is the certificate that Sentry's field has to hold for logins to work
	// now, PEM, and Then the one that it has to hold once the next step is done,
	// empty where that is the same.
	Sentry string `json:"sentry_certificate"`
	Then   string `json:"sentry_certificate_then"`
	// Problems are what authentik's metadata tells otherwise.
	Problems []string `json:"problems"`
	// Metadata is what authentik serves, XML; empty where there is none.
	Metadata string `json:"-"`
}

// StepState is one step and whether it is done.
type StepState struct {
	Step Step   `json:"step"`
	Done bool   `json:"done"`
	What string `json:"what"`
}

// Pair is one certificate.
type Pair struct {
	Name        string    `json:"name"`
	Fingerprint string    `json:"fingerprint_sha256"`
	NotAfter    time.Time `json:"not_after"`
	DaysLeft    int       `json:"days_left"`

	pem string
}

func (r *Rotation) report(ctx context.Context, p *pairs) (*Report, error) {
	report := &Report{Provider: p.provider.Name, Problems: []string{}}
	for pair, into := range map[*authentik.CertificateKeyPair]**Pair{p.current: &report.Current, p.next: &report.Waiting, p.old: &report.Old} {
		if pair == nil {
			continue
		}
		told, err := r.pair(ctx, pair)
		if err != nil {
			return nil, err
		}
		*into = told
	}
	report.steps(p.uses(p.old))
	if report.Current != nil {
		report.Sentry = report.Current.pem
	}
	switch {
	case report.Next == StepSwitch && report.Waiting != nil:
		report.Then = report.Waiting.pem
	case report.Next == StepSwitch && p.named != nil: // a switch that was cut off
		told, err := r.pair(ctx, p.named)
		if err != nil {
			return nil, err
		}
		report.Then = told.pem
	}
	return report, r.announced(ctx, p, report)
}

// steps says what is done. unfinished: the names have changed and the signature
// has not.
func (r *Report) steps(unfinished bool) {
	prepared := r.Waiting != nil || r.Old != nil
	switched := r.Old != nil && !unfinished && r.Waiting == nil
	r.Steps = []StepState{
		{StepPrepare, prepared, "upload the next certificate and key, which nothing uses yet"},
		{StepSwitch, switched, "sign with it, and change Sentry's field at the same time"},
		{StepFinish, false, "delete the old one, once people log in with the new one"},
	}
	switch {
	case switched:
		r.Next = StepFinish
	case prepared:
		r.Next = StepSwitch
	}
}

func (r *Rotation) pair(ctx context.Context, pair *authentik.CertificateKeyPair) (*Pair, error) {
	held, err := r.certificate(ctx, pair)
	if err != nil {
		return nil, err
	}
	c := held.Certificate
	return &Pair{
		Name: pair.Name, Fingerprint: keypair.FingerprintSHA256(c), NotAfter: c.NotAfter.UTC(),
		DaysLeft: keypair.DaysLeft(c.NotAfter, r.Now()), pem: string(held.CertificatePEM()),
	}, nil
}

// announced compares the metadata that authentik serves with what signs.
func (r *Rotation) announced(ctx context.Context, p *pairs, report *Report) error {
	xml, err := r.Client.Metadata(ctx, p.provider.PK)
	if errors.Is(err, authentik.ErrNotFound) {
		report.Problems = append(report.Problems, "no application has the provider, so that nobody can log in by it")
		return nil
	}
	if err != nil || report.Current == nil {
		return err
	}
	report.Metadata = xml
	judged := metadata.Judge([]byte(xml), metadata.Source{Name: "authentik", Now: r.Now()})
	for _, c := range judged.Certificates {
		if c.Trusted && c.Facts != nil && c.Facts.FingerprintSHA256 != report.Current.Fingerprint {
			report.Problems = append(report.Problems, "the metadata announces the certificate "+c.Facts.FingerprintSHA256+", and another one signs")
		}
	}
	if len(judged.Certificates) == 0 {
		report.Problems = append(report.Problems, "the metadata announces no certificate")
	}
	return nil
}

// RenderText writes the certificates, the steps, and what Sentry has to hold.
func (r *Report) RenderText(w io.Writer, s ui.Styles) error {
	var out strings.Builder
	err := s.Pairs(&out, [][2]string{
		{"SAML provider", ui.Printable(r.Provider)}, {"signs with", r.Current.text()}, {"next", r.Waiting.text()}, {"old", r.Old.text()},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(&out)
	for i, step := range r.Steps {
		mark := s.Dim("later")
		switch {
		case step.Done:
			mark = s.Good("done ")
		case step.Step == r.Next || r.Next == "" && i == 0:
			mark = s.Warn("now  ")
		}
		fmt.Fprintf(&out, "%s  %-7s  %s\n", mark, step.Step, step.What)
	}
	for _, problem := range r.Problems {
		fmt.Fprintf(&out, "%s %s\n", s.Bad("problem:"), ui.Printable(problem))
	}
	r.certificates(&out, s)
	_, err = io.WriteString(w, out.String())
	return err
}

func (r *Report) certificates(out *strings.Builder, s ui.Styles) {
	if r.Then != "" {
		fmt.Fprintf(out, "\n%s\n%s", s.Title("For Sentry's field, at the moment of the switch:"), r.Then)
		return
	}
	if r.Sentry != "" {
		fmt.Fprintf(out, "\n%s\n%s", s.Title("Sentry's field holds:"), r.Sentry)
	}
}

func (p *Pair) text() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s\n%s\nends %s, in %d days", ui.Printable(p.Name), keypair.Folded(p.Fingerprint), p.NotAfter.Format(time.DateOnly), p.DaysLeft)
}
