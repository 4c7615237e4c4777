package samlresponse

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// RenderText writes the verdict, the identity, the checks with cause and fix of
// what failed, and what the response says.
func (v *Verdict) RenderText(w io.Writer, s ui.Styles) error {
	if err := v.headline(w, s); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "\n%s\n", s.Title("Checks, in Sentry's order")); err != nil {
		return err
	}
	for _, c := range v.Checks {
		if err := c.render(w, s); err != nil {
			return err
		}
	}
	if len(v.Next) > 0 {
		if _, err := fmt.Fprintf(w, "\n%s\n", s.Title("What the login does")); err != nil {
			return err
		}
		for _, text := range v.Next {
			if _, err := fmt.Fprintln(w, fold("- "+text, 2, s.Width())); err != nil {
				return err
			}
		}
	}
	if v.Response.Form == "" {
		return nil
	}
	if _, err := fmt.Fprintf(w, "\n%s\n", s.Title("The response")); err != nil {
		return err
	}
	return v.Response.RenderText(w, s)
}

func (v *Verdict) headline(w io.Writer, s ui.Styles) error {
	if v.Accepted {
		if _, err := fmt.Fprintln(w, s.Good("accepted: Sentry lets this response in")); err != nil {
			return err
		}
		return s.Pairs(w, [][2]string{
			{"Identifier", ui.Printable(v.Identity.Identifier)},
			{"E-mail", ui.Printable(v.Identity.Email)},
			{"Name", ui.Printable(v.Identity.Name)},
		})
	}
	if _, err := fmt.Fprintln(w, s.Bad("refused: Sentry does not let this response in")); err != nil {
		return err
	}
	shown, reason := "Sentry shows", ""
	if v.ServerError {
		reason = fold(v.Reason, 0, s.Width()-14)
	}
	return s.Pairs(w, [][2]string{{shown, fold(v.Message, 0, s.Width()-14)}, {"Its log says", reason}})
}

func (c Check) render(w io.Writer, s ui.Styles) error {
	var err error
	switch c.Verdict {
	case Passed:
		_, err = fmt.Fprintf(w, "  %s  %s\n", s.Good("passed     "), c.Code)
	case NotReached:
		_, err = fmt.Fprintf(w, "  %s  %s\n", s.Dim("not reached"), s.Dim(c.Code))
	default:
		_, err = fmt.Fprintf(w, "  %s  %s\n", s.Bad("failed     "), s.Title(c.Code))
		for _, line := range [][2]string{{"saw", c.Saw}, {"wanted", c.Wanted}, {"fix", c.Fix}} {
			if err == nil && line[1] != "" {
				_, err = fmt.Fprintf(w, "      %s %s\n", s.Dim(fmt.Sprintf("%-7s", line[0]+":")), fold(line[1], 14, s.Width()-14))
			}
		}
	}
	return err
}

// RenderText writes what the response says, one line a fact.
func (f *Facts) RenderText(w io.Writer, s ui.Styles) error {
	encrypted := ""
	if f.Encrypted {
		encrypted = "yes: nothing more can be read"
	}
	form := f.Form
	if f.Deflated {
		form += ", deflated as by HTTP-Redirect (Sentry takes HTTP-POST alone)"
	}
	rows := [][2]string{
		{"Input", form},
		{"Status", text(strings.TrimPrefix(f.Status, "urn:oasis:names:tc:SAML:2.0:status:"), f.StatusMessage)},
		{"Issuer", text(f.Issuers...)},
		{"Destination", text(f.Destination)},
		{"Audience", text(f.Audiences...)},
		{"Recipient", text(f.Recipients...)},
		{"In response to", text(f.InResponseTo)},
		{"Issued", text(f.IssueInstant)},
		{"Valid", text(span(f.NotBefore, f.NotOnOrAfter))},
		{"To be used before", text(f.ConfirmationEnd)},
		{"Session ends", text(f.SessionNotOnOrAfter)},
		{"Encrypted", encrypted},
		{"NameID", text(f.NameID, f.NameIDFormat)},
	}
	for _, signature := range f.Signatures {
		rows = append(rows, [2]string{"Signature", signature.text()})
	}
	if len(f.Signatures) == 0 {
		rows = append(rows, [2]string{"Signature", "none"})
	}
	if err := s.Pairs(w, rows); err != nil {
		return err
	}
	return f.attributes(w, s)
}

func span(from, to string) string {
	if from == "" && to == "" {
		return ""
	}
	return window(from, to)
}

func (g Signature) text() string {
	lines := fmt.Sprintf("of %s, %s with %s", text(g.Of), text(g.Method), text(g.Digest))
	if g.Certificate != nil {
		lines += "\n" + text(g.Certificate.Subject) + "\nSHA-256 " + g.Certificate.SHA256[:47] + "\n        " + g.Certificate.SHA256[48:]
	}
	return lines
}

func (f *Facts) attributes(w io.Writer, s ui.Styles) error {
	if len(f.Attributes) == 0 {
		return s.Pairs(w, [][2]string{{"Attributes", "none"}})
	}
	if _, err := fmt.Fprintln(w, s.Dim("Attributes")); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f.Attributes)) {
		if _, err := fmt.Fprintf(w, "  %s\n      %s\n", ui.Printable(name), orNothing(text(f.Attributes[name]...))); err != nil {
			return err
		}
	}
	return nil
}

// text makes words from outside fit for a terminal.
func text(words ...string) string {
	var kept []string
	for _, word := range words {
		if word != "" {
			kept = append(kept, ui.Printable(word))
		}
	}
	return strings.Join(kept, ", ")
}

// fold breaks words into lines no longer than width where they allow it; what
// follows the first line is indented. Words from outside are made fit for a
// terminal.
func fold(words string, indent, width int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(ui.Printable(words)) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n"+strings.Repeat(" ", indent))
}
