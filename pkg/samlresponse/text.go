package samlresponse

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// RenderText writes the verdict with cause and fix, how the checks went, what
// the login does then, and what the response says.
func (v *Verdict) RenderText(w io.Writer, s ui.Styles) error {
	page := &strings.Builder{}
	if err := v.headline(page, s); err != nil {
		return err
	}
	fmt.Fprintf(page, "\n%s\n", s.Title("Checks, in Sentry's order"))
	for _, part := range []struct{ verdict, label string }{
		{Passed, s.Good("passed     ")}, {Failed, s.Bad("failed     ")}, {Unknown, s.Bad("not known  ")}, {NotReached, s.Dim("not reached")},
	} {
		if codes := v.codes(part.verdict); len(codes) > 0 {
			fmt.Fprintf(page, "%s  %s\n", part.label, fold(join(codes), margin, s.Width()-margin))
		}
	}
	if len(v.Advisories) > 0 {
		fmt.Fprintf(page, "\n%s\n", s.Title("What is known against this release of Sentry"))
	}
	if err := sentry.RenderAdvisories(page, s, v.Advisories); err != nil {
		return err
	}
	if len(v.Next) > 0 {
		fmt.Fprintf(page, "\n%s\n", s.Title("What the login does"))
	}
	for _, text := range v.Next {
		fmt.Fprintln(page, fold("- "+text, 2, s.Width()-2))
	}
	if v.Response.Form != "" {
		fmt.Fprintf(page, "\n%s\n", s.Title("The response"))
		if err := v.Response.RenderText(page, s); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, page.String())
	return err
}

// margin is where the second column of the verdict begins.
const margin = 13

func (v *Verdict) codes(verdict string) []string {
	var codes []string
	for _, c := range v.Checks {
		if c.Verdict == verdict {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

func (v *Verdict) headline(w io.Writer, s ui.Styles) error {
	title := s.Bad("refused: Sentry does not let this response in")
	rows := v.refusal()
	switch {
	case v.Accepted:
		title, rows = s.Good("accepted: Sentry lets this response in"), v.accepted()
	case v.Unknown:
		title, rows = s.Bad("not known: no check refuses this response, and one cannot be decided here"), v.undecided()
	}
	if _, err := fmt.Fprintln(w, title); err != nil {
		return err
	}
	for _, assumption := range v.Assumptions {
		rows = append(rows, [2]string{"Assumed", assumption})
	}
	for i := range rows {
		rows[i][1] = fold(rows[i][1], 0, s.Width()-margin)
	}
	return s.Pairs(w, rows)
}

func (v *Verdict) accepted() [][2]string {
	return [][2]string{
		{"Identifier ", text(v.Identity.Identifier)},
		{"E-mail", text(v.Identity.Email)},
		{"Name", text(v.Identity.Name)},
		{"Mapping", v.Mapping.Name},
	}
}

func (v *Verdict) refusal() [][2]string {
	rows := [][2]string{{"It shows   ", v.Message}}
	if v.ServerError {
		rows = append(rows, [2]string{"Its log", v.Reason})
	}
	for _, c := range v.Checks {
		if c.Verdict == Failed {
			rows = append(rows, [2]string{"Check", c.Code}, [2]string{"Saw", c.Saw}, [2]string{"Wanted", c.Wanted}, [2]string{"Fix", c.Fix})
		}
	}
	return rows
}

// undecided says what would decide, and what the known mappings would find.
func (v *Verdict) undecided() [][2]string {
	rows := [][2]string{}
	for _, c := range v.Checks {
		if c.Verdict == Unknown {
			rows = append(rows, [2]string{"Check      ", c.Code}, [2]string{"Saw", c.Saw}, [2]string{"Wanted", c.Wanted}, [2]string{"Fix", c.Fix})
		}
	}
	for _, o := range v.Mappings {
		label, found := "Would not", "no "+strings.Join(o.Missing, " and no ")
		name := o.Name + " (--map " + o.Key + ")"
		switch {
		case o.Works:
			label, found = "Would work", "identifier "+o.Identity.Identifier+", email "+o.Identity.Email
		case o.structured != "":
			found = "the attribute " + o.structured + " holds no text"
		case len(o.Missing) == 0:
			label, found, name = "Typed in", "its attributes were named at the set-up", o.Name
		}
		rows = append(rows, [2]string{label, name + ": " + found})
	}
	return rows
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
		{"NameID", text(f.NameID)},
		{"NameID format", text(f.NameIDFormat)},
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
