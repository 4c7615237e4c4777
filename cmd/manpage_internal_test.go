package cmd

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestEveryCommandHasAPageWithItsSections holds the sections of man-pages(7), in
// their order.
func TestEveryCommandHasAPageWithItsSections(t *testing.T) {
	t.Parallel()
	a, _, _ := testApp()
	a.release, a.env = "1.2.3", []string{"SOURCE_DATE_EPOCH=1767225600"}
	heading := regexp.MustCompile(`(?m)^\.SH "(.*)"$`)
	visit(newRoot(a), func(cmd *cobra.Command) {
		name, page := a.manPageOf(cmd)
		want := []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "GLOBAL OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"}
		skip := map[string]bool{"GLOBAL OPTIONS": !cmd.HasParent(), "EXAMPLES": cmd.Example == ""}
		if strings.HasSuffix(name, ".7") {
			want = []string{"NAME", "DESCRIPTION", "SEE ALSO"}
		}
		var sections, expected []string
		for _, found := range heading.FindAllStringSubmatch(string(page), -1) {
			sections = append(sections, found[1])
		}
		for _, section := range want {
			if !skip[section] {
				expected = append(expected, section)
			}
		}
		if diff := cmp.Diff(expected, sections); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !strings.Contains(string(page), `"2026\-01\-01" "sentryidp 1.2.3" "sentryidp"`) {
			t.Errorf("%s has no date and version: %q", name, strings.SplitN(string(page), "\n", 2)[0])
		}
	})
}

func TestAPageNamesWhatACommandReads(t *testing.T) {
	t.Parallel()
	a, _, _ := testApp()
	push, _, err := newRoot(a).Find([]string{"scim", "push"})
	if err != nil {
		t.Fatal(err)
	}
	_, page := a.manPageOf(push)
	for _, want := range []string{
		".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\ndone, nothing pending\n", "\\fBSENTRYIDP_SENTRY_ORG\\fR\nstands in for \\-\\-org\n",
		"SENTRYIDP_SENTRY_SCIM_TOKEN", "/etc/sentryidp/config.yaml", "$XDG_STATE_HOME/sentryidp", "  sentryidp scim push \\-\\-sandbox\n",
		"sentryidp\\-scim(1)", "sentryidp\\-exit\\-codes(7)",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("expected %q in\n%s", want, page)
		}
	}
}

func TestTextMeansItselfToMan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`.TH`: `\&.TH`, `'quoted'`: `\&'quoted'`, `a\b-c`: `a\eb\-c`} {
		if got := roff(text); got != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
	}
}
