package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// maxHelpWidth is how wide help is at most, in columns: longer lines are hard to
// read.
const maxHelpWidth = 80

// showHelp writes the help of a command, as wide as the terminal allows.
func (a *app) showHelp(cmd *cobra.Command, _ []string) {
	_, _ = io.WriteString(a.term.Out, helpText(cmd, min(a.term.OutStyles().Width(), maxHelpWidth)))
}

// helpText is the help of a command, no line longer than width where the words
// allow it.
func helpText(cmd *cobra.Command, width int) string {
	cmd.InitDefaultHelpFlag()
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	sections := []string{ui.Fill(ui.Blocks(about), width)}
	add := func(title, text string) {
		if text != "" {
			sections = append(sections, title+"\n"+text)
		}
	}
	if cmd.Runnable() || cmd.HasAvailableSubCommands() {
		add("Usage:", usageLines(cmd, width))
		add("Examples:", commandLines(cmd.Example, width))
		add("Available Commands:", commandList(cmd, width, (*cobra.Command).IsAvailableCommand))
		add("Flags:", flagList(cmd.LocalFlags(), width))
		add("Global Flags:", flagList(cmd.InheritedFlags(), width))
		add("Help Topics:", commandList(cmd, width, (*cobra.Command).IsAdditionalHelpTopicCommand))
	}
	if cmd.HasAvailableSubCommands() {
		more := fmt.Sprintf("'%s COMMAND --help' says more about a command.", cmd.CommandPath())
		sections = append(sections, ui.Fill(ui.Blocks(more), width))
	}
	return strings.Join(sections, "\n")
}

func usageLines(cmd *cobra.Command, width int) string {
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " COMMAND"
	}
	return ui.Fill([]ui.Block{{Indent: 2, Column: 2, Text: line}}, width)
}

// commandList names the commands below cmd that are meant.
func commandList(cmd *cobra.Command, width int, meant func(*cobra.Command) bool) string {
	var blocks []ui.Block
	for _, child := range cmd.Commands() {
		if meant(child) {
			blocks = append(blocks, ui.Block{Indent: 2, Label: child.Name(), Column: cmd.NamePadding() + len("    "), Text: child.Short})
		}
	}
	return ui.Fill(blocks, width)
}

// flagColumn is where the meaning of flags begins, where there is room for it.
const flagColumn = 34

func flagList(flags *pflag.FlagSet, width int) string {
	var blocks []ui.Block
	column := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		label, meaning := describeFlag(f)
		if f.Shorthand == "" && 2*flagColumn <= width {
			label = "    " + label // below the long names of those that have a short one
		}
		blocks = append(blocks, ui.Block{Indent: 2, Label: label, Text: meaning})
		column = min(flagColumn, max(column, len(label)+len("    ")))
	})
	for i := range blocks {
		blocks[i].Column = column
	}
	return ui.Fill(blocks, width)
}

// describeFlag returns how a flag is written, "-o, --output FORMAT", and what it
// means, its default included.
func describeFlag(f *pflag.Flag) (label, meaning string) {
	name, meaning := pflag.UnquoteUsage(f)
	label = "--" + f.Name
	if f.Shorthand != "" {
		label = "-" + f.Shorthand + ", " + label
	}
	if words := strings.Split(name, "|"); len(words) > 1 && len(label)+len(name) > flagColumn-len("    ") {
		name, meaning = "word", meaning+"; one of "+strings.Join(words, ", ")
	}
	if name != "" {
		label += " " + name
	}
	none := []string{"", "false", "0", "0s", "[]"}
	if !slices.Contains(none, f.DefValue) && !strings.Contains(meaning, "default") {
		meaning += " (default " + f.DefValue + ")"
	}
	return label, meaning
}

// goingOn is the end of a line that goes on.
var goingOn = pattern.New(` \\\n *`)

// commandLines breaks lines for a shell where they are too long: between words,
// outside of quotes, with what a shell takes for a line that goes on.
func commandLines(text string, width int) string {
	var out strings.Builder
	for line := range strings.Lines(goingOn().ReplaceAllString(text, " ")) {
		words := shellWords(strings.TrimSpace(line))
		current, indent := "", "  "
		for i, word := range words {
			room := width
			if i < len(words)-1 {
				room -= len(` \`)
			}
			switch {
			case current == "":
				current = indent + word
			case len(current)+1+len(word) > room:
				out.WriteString(current + " \\\n")
				current = indent + "    " + word
			default:
				current += " " + word
			}
		}
		out.WriteString(current + "\n")
	}
	return out.String()
}

// shellWords cuts a line at the spaces that are not in quotes.
func shellWords(line string) []string {
	quote := rune(0)
	return strings.FieldsFunc(line, func(r rune) bool {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		}
		return r == ' ' && quote == 0
	})
}
