package cmd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestHelpFitsTheTerminal renders the help of every command. A line of 40 columns
// may be longer where it is one word, such as the name of a variable.
func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	a, _, _ := testApp()
	root := newRoot(a)
	for _, width := range []int{40, 80} {
		visit(root, func(cmd *cobra.Command) {
			for line := range strings.Lines(helpText(cmd, width)) {
				line = strings.TrimSuffix(line, "\n")
				words := shellWords(strings.TrimSuffix(line, ` \`))
				if len(line) > width && (width == 80 || len(words) > 1) {
					t.Errorf("%s: %d columns, expected at most %d: %q", cmd.CommandPath(), len(line), width, line)
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s: a line ends in spaces: %q", cmd.CommandPath(), line)
				}
			}
		})
	}
}

func TestHelpNamesEveryFlagAndDefault(t *testing.T) {
	t.Parallel()
	a, out, _ := testApp()
	if code := a.run(t.Context(), []string{"scim", "push", "--help"}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for _, want := range []string{
		"Usage: sentryidp scim push [flags] ", "--sentry-url URL", "(default https://sentry.io)", "(default 8)", "--flatten-groups", "-o, --output",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("expected %q in\n%s", want, out)
		}
	}
	if strings.Contains(out.String(), "(default )") {
		t.Errorf("an empty default is told: %s", out)
	}
}

func TestLongCommandsAreBrokenForAShell(t *testing.T) {
	t.Parallel()
	const command = `  cat x \
    | sentryidp scim push --group 'Smith, Ada' --org acme
`
	want := `  cat x | \
      sentryidp \
      scim push \
      --group \
      'Smith, Ada' \
      --org acme
`
	if diff := cmp.Diff(want, commandLines(command, 20)); diff != "" {
		t.Error(diff)
	}
}
