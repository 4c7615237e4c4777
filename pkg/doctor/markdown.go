package doctor

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/markdown"
)

// Markdown returns the report as GitHub Flavored Markdown, for a ticket or the
// summary of a job. All that comes from outside stands in code spans.
func (r *Report) Markdown() []byte {
	var out bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("# sentryidp doctor: %s\n", r.Verdict)
	line("%s", markdown.Code(r.Headline))
	for _, p := range r.Problems {
		line("\n## %s: %s\n\nThe check: %s.\n", p.Verdict, p.Code, p.Title)
		for _, f := range [][2]string{{"Saw", p.Saw}, {"Wanted", p.Wanted}, {"Fix", p.Fix}, {"Certainty", string(p.Certainty)}} {
			if f[1] != "" {
				line("- %s: %s", f[0], markdown.Code(f[1]))
			}
		}
		for _, c := range p.Consequences {
			line("- Explains %s: %s", markdown.Code(c.Code), markdown.Code(c.Saw+c.Why))
		}
	}
	if reasons := r.reasons(); len(reasons) > 0 {
		line("\n## Not checked\n")
		for _, reason := range reasons {
			line("- %s: %s", strings.Join(reason.codes, ", "), markdown.Code(reason.why))
		}
	}
	line("\n## Ok\n")
	for _, result := range r.Results {
		if result.Verdict == OK {
			line("- %s: %s", result.Code, markdown.Code(result.Saw))
		}
	}
	return out.Bytes()
}
