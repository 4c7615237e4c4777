package integration

import (
	"fmt"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var _ report.EnvDocument = (*Attributes)(nil)

// RenderText writes a block for each field, in which what is to be typed has a
// line of its own.
func (a *Attributes) RenderText(w io.Writer, s ui.Styles) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s", s.Title("Sentry's provider:"), a.Provider)
	if a.SettingsURL != "" {
		fmt.Fprintf(&out, ", set up at %s", s.Code(a.SettingsURL))
	}
	out.WriteString("\n")
	if a.MetadataURL != "" {
		fmt.Fprintf(&out, "\n%s %s\n  %s\n", s.Title(a.AddressLabel), s.Dim("(required)"), s.Code(a.MetadataURL))
	}
	for _, row := range a.Rows {
		row.render(&out, s, a.Typed)
	}
	a.renderPreview(&out, s)
	for _, note := range a.Notes {
		fmt.Fprintf(&out, "%s %s\n", s.Dim("note:"), note)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (r Attribute) render(out *strings.Builder, s ui.Styles, typed bool) {
	detail := "(optional)"
	switch {
	case !typed:
		detail = "(fixed name)"
	case r.Required:
		detail = "(required)"
	}
	fmt.Fprintf(out, "\n%s %s\n", s.Title(r.Label), s.Dim(detail))
	if r.Source == nil {
		fmt.Fprintf(out, "  %s\n", s.Dim("leave empty"))
		return
	}
	fmt.Fprintf(out, "  %s\n", s.Code(r.Attribute))
	if r.Source.Managed != "" {
		fmt.Fprintf(out, "  %s %s\n", s.Dim("authentik:"), r.Source.Name)
	} else {
		fmt.Fprintf(out, "  %s create the property mapping %q\n             %s\n", s.Dim("authentik:"), r.Source.Name, s.Code(r.Source.Expression))
	}
	r.Sent.render(out, s)
}

func (t *Sent) render(out *strings.Builder, s ui.Styles) {
	if t == nil {
		return
	}
	value := fmt.Sprintf("%q", ui.Printable(t.Value))
	switch t.Verdict {
	case SentOnce:
		fmt.Fprintf(out, "  %s %s\n", s.Good("sent:"), value)
	case SentEmpty:
		fmt.Fprintf(out, "  %s the name is sent, without a value\n", s.Warn("empty:"))
	case SentSeveral:
		fmt.Fprintf(out, "  %s several property mappings have this name\n", s.Bad("sent twice:"))
	default:
		fmt.Fprintf(out, "  %s authentik sends no attribute of this name\n", s.Bad("not sent:"))
	}
	if t.Fix != "" {
		fmt.Fprintf(out, "  %s %s\n", s.Dim("fix:"), ui.Printable(t.Fix))
	}
}

func (a *Attributes) renderPreview(out *strings.Builder, s ui.Styles) {
	out.WriteString("\n")
	p := a.Preview
	if !p.Checked {
		fmt.Fprintf(out, "%s %s\n", s.Dim("not checked:"), ui.Printable(p.Reason))
		return
	}
	fmt.Fprintf(out, "%s %s, for the user %s\n", s.Dim("checked with"), ui.Printable(p.Provider), ui.Printable(p.User))
	if len(p.Twice) > 0 {
		fmt.Fprintf(out, "%s %s\n", s.Bad("sent twice:"), ui.Printable(strings.Join(p.Twice, ", ")))
	}
}

// Variables are the settings with which other commands judge logins by these
// names, and the address of the metadata.
func (a *Attributes) Variables() []report.Variable {
	var all []report.Variable
	if a.MetadataURL != "" {
		all = append(all, report.Variable{Name: "AUTHENTIK_SAML_METADATA_URL", Value: a.MetadataURL})
	}
	for _, row := range a.Rows {
		if row.Attribute != "" {
			all = append(all, report.Variable{Name: "SENTRYIDP_SAML_ATTRIBUTES_" + strings.ToUpper(row.Field), Value: row.Attribute})
		}
	}
	return all
}
