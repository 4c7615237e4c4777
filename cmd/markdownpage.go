package cmd

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/markdown"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// markdownPage is a page of the manual that is being written, in CommonMark.
type markdownPage struct{ text strings.Builder }

// markdownPageOf writes the page of a command or topic and returns it with its file
// name. The same build gives the same bytes.
func markdownPageOf(cmd *cobra.Command) (name string, page []byte) {
	cmd.InitDefaultHelpFlag()
	p := &markdownPage{}
	p.printf("# %s\n\n%s.\n", cmd.CommandPath(), cmd.Short)
	if about := cmp.Or(cmd.Long, cmd.Short); about != cmd.Short {
		p.prose(about)
	}
	if !cmd.IsAdditionalHelpTopicCommand() {
		p.fenced("Usage", strings.TrimSpace(usageLines(cmd, 1<<10)))
		p.fenced("Examples", strings.TrimRight(cmd.Example, "\n"))
		p.options("Options", cmd.LocalFlags())
		p.options("Global options", cmd.InheritedFlags())
	}
	p.children(cmd)
	return markdownName(cmd), []byte(p.text.String())
}

func markdownName(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "_") + ".md"
}

func (p *markdownPage) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(&p.text, format, args...)
}

func (p *markdownPage) prose(text string) {
	for _, b := range ui.Blocks(text) {
		switch {
		case b.Title:
			p.printf("\n## %s\n", b.Text)
		case b.Label != "":
			p.entry(b.Label, b.Text)
		case b.Indent > 0:
			p.printf("\n```\n%s\n```\n", strings.TrimRight(b.Text, "\n"))
		default:
			p.printf("\n%s\n", escapeMarkdown(b.Text))
		}
	}
}

// entry writes a label and what is said of it.
func (p *markdownPage) entry(label, text string) {
	p.printf("\n- %s: %s\n", markdown.Code(label), escapeMarkdown(text))
}

func (p *markdownPage) fenced(title, text string) {
	if text != "" {
		p.printf("\n## %s\n\n```\n%s\n```\n", title, text)
	}
}

func (p *markdownPage) options(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.printf("\n## %s\n", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			p.entry(describeFlag(f))
		}
	})
}

// children links to the pages below.
func (p *markdownPage) children(cmd *cobra.Command) {
	first := true
	for _, child := range cmd.Commands() {
		if child.Hidden {
			continue
		}
		if first {
			p.printf("\n## More\n\n")
			first = false
		}
		p.printf("- [%s](%s): %s\n", child.CommandPath(), markdownName(child), escapeMarkdown(child.Short))
	}
}

// escapeMarkdown makes the characters of prose that Markdown would take for its own
// mean themselves.
func escapeMarkdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "`", "\\`", "#", `\#`).Replace(text)
}
