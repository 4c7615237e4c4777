package sentryexec

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var _ report.Document = (*Judgement)(nil)

// RenderText writes what Sentry has, then what the action did, then the problems.
func (j *Judgement) RenderText(w io.Writer, s ui.Styles) error {
	r := j.Report
	var out strings.Builder
	rows := [][2]string{
		{"Organization", ui.Printable(r.Org)},
		{"Action", ui.Printable(string(r.Action))},
		{"Release", ui.Printable(r.Release) + unread(r)},
		{"URL prefix", s.Code(ui.Printable(r.URLPrefix))},
	}
	rows = append(append(rows, providerRows(r.Provider, s)...), otherRows(r, s)...)
	if err := s.Pairs(&out, rows); err != nil {
		return err
	}
	renderChanges(&out, r)
	for _, p := range j.Problems {
		fmt.Fprintf(&out, "%s %s\n  %s %s\n", s.Bad("problem:"), ui.Printable(p.Message), s.Dim("fix:"), p.Fix)
	}
	if err := sentry.RenderAdvisories(&out, s, j.Advisories); err != nil {
		return err
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func unread(r *Report) string {
	if r.ReleaseRead || r.Release == "" {
		return ""
	}
	return " (the script was made from " + ReleasesRead() + ")"
}

func providerRows(p *Provider, s ui.Styles) [][2]string {
	if p == nil {
		return nil
	}
	sso := "optional: members can log in with a password too"
	if p.SSORequired {
		sso = "required"
	}
	rows := [][2]string{
		{"Provider", ui.Printable(p.Key)},
		{"SSO", sso},
		{"Entity ID", printed(p.EntityID)},
		{"SSO URL", s.Code(printed(p.SSOURL))},
		{"SLO URL", s.Code(printed(p.SLOURL))},
	}
	if c := p.Certificate; c != nil {
		rows = append(rows, [2]string{"Certificate", ui.Printable(c.SHA256)})
		if !c.NotAfter.IsZero() {
			rows = append(rows, [2]string{"Valid until", c.NotAfter.UTC().Format(time.RFC3339)})
		}
	}
	for _, key := range mappingKeys() {
		rows = append(rows, [2]string{"Attribute " + key, printed(p.Mapping[key])})
	}
	return append(rows, [2]string{"Advanced", ui.Printable(strings.Join(p.Advanced, ", "))})
}

func otherRows(r *Report, s ui.Styles) (rows [][2]string) {
	if r.SCIM != nil {
		state := "off"
		if r.SCIM.Enabled {
			state = "on"
		}
		rows = append(rows, [2]string{"SCIM", state}, [2]string{"SCIM base URL", s.Code(ui.Printable(r.SCIM.BaseURL))})
	}
	if r.People != nil {
		rows = append(rows,
			[2]string{"Linked accounts", strconv.Itoa(r.People.Identities)},
			[2]string{"Active owners", fmt.Sprintf("%d, linked: %d", r.People.Owners, r.People.OwnersLinked)})
	}
	return rows
}

func renderChanges(out *strings.Builder, r *Report) {
	verb := "not applied:"
	if r.Applied {
		verb = "applied:"
	}
	for _, c := range r.Changes {
		fmt.Fprintf(out, "%s %s\n", verb, ui.Printable(c.Words))
		for _, f := range c.Fields {
			fmt.Fprintf(out, "  %s: %s -> %s\n", ui.Printable(f.Field), value(f.From), value(f.To))
		}
	}
}

func printed(text *string) string {
	if text == nil {
		return ""
	}
	return ui.Printable(*text)
}
