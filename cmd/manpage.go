package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
	"github.com/sentryidp/sentryidp/pkg/version"
)

// The sections of the manual: commands, and topics.
const (
	sectionCommands = 1
	sectionTopics   = 7
)

// manColumns is how wide examples of a page are, in columns: less than a
// terminal, for the margin.
const manColumns = 72

// manPage is a page of the manual that is being written, in the macros of
// man(7).
type manPage struct{ text strings.Builder }

// manPageOf writes the page of a command or topic and returns it with its file
// name. The same build gives the same bytes.
func (a *app) manPageOf(cmd *cobra.Command) (name string, page []byte) {
	cmd.InitDefaultHelpFlag()
	p := &manPage{}
	title, section := manName(cmd), manSection(cmd)
	p.macro("TH", strings.ToUpper(title), strconv.Itoa(section), a.manDate(), "sentryidp "+version.Read(a.release, a.builder).Version, "sentryidp")
	p.section("NAME")
	p.line(roff(title) + ` \- ` + roff(cmd.Short))
	if section == sectionCommands {
		p.section("SYNOPSIS")
		p.macro("B", strings.TrimSuffix(strings.TrimSpace(usageLines(cmd, 1<<10)), " [flags]"), "[flags]")
	}
	p.section("DESCRIPTION")
	p.prose(cmp.Or(cmd.Long, cmd.Short))
	if section == sectionCommands {
		p.options("OPTIONS", cmd.LocalFlags())
		p.options("GLOBAL OPTIONS", cmd.InheritedFlags())
		p.exitStatus()
		p.environment(cmd)
		p.files()
		p.examples(cmd.Example)
	}
	p.seeAlso(cmd)
	return fmt.Sprintf("%s.%d", title, section), []byte(p.text.String())
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func manSection(cmd *cobra.Command) int {
	if cmd.IsAdditionalHelpTopicCommand() {
		return sectionTopics
	}
	return sectionCommands
}

// manDate is the day of the build (reproducible-builds.org, SOURCE_DATE_EPOCH),
// or else of the commit; empty where neither is known.
func (a *app) manDate() string {
	if seconds, err := strconv.ParseInt(a.getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	}
	day, _, _ := strings.Cut(version.Read(a.release, a.builder).Date, "T")
	return day
}

func (p *manPage) line(text string) { p.text.WriteString(text + "\n") }

func (p *manPage) macro(name string, args ...string) {
	p.text.WriteString("." + name)
	for _, arg := range args {
		p.text.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	p.text.WriteString("\n")
}

func (p *manPage) section(title string) { p.macro("SH", title) }

// entry writes a label and what is said of it.
func (p *manPage) entry(label, text string) {
	p.line(".TP")
	p.line(`\fB` + roff(label) + `\fR`)
	p.line(roff(text))
}

func (p *manPage) prose(text string) {
	for _, b := range ui.Blocks(text) {
		switch {
		case b.Title:
			p.macro("SS", b.Text)
		case b.Label != "":
			p.entry(b.Label, b.Text)
		case b.Indent > 0:
			p.example(b.Text)
		default:
			p.line(".PP")
			p.line(roff(b.Text))
		}
	}
}

func (p *manPage) options(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			p.entry(describeFlag(f))
		}
	})
}

func (p *manPage) exitStatus() {
	p.section("EXIT STATUS")
	for _, m := range fault.Meanings() {
		p.entry(strconv.Itoa(int(m.Code)), m.Text)
	}
}

// environment names the variables of the command's settings, of the secrets that
// go with them, and of every command.
func (p *manPage) environment(cmd *cobra.Command) {
	p.section("ENVIRONMENT")
	used := map[string]bool{}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		for _, path := range f.Annotations[settingAnnotation] {
			section, _, _ := strings.Cut(path, ".")
			used[path], used[section] = true, true
		}
	})
	for _, s := range config.Settings() {
		section, _, _ := strings.Cut(s.Path, ".")
		switch {
		case used[s.Path]:
			p.entry(s.Env(), "stands in for --"+s.Flag)
		case s.Type == config.Secret && used[section]:
			p.entry(s.Env(), s.Meaning())
		}
	}
	for _, v := range config.Variables() {
		p.entry(v.Name, v.Meaning)
	}
	p.line(".PP")
	p.line(`sentryidp\-environment(7) lists the variables of all settings.`)
}

func (p *manPage) files() {
	p.section("FILES")
	for _, f := range config.Places() {
		p.entry(f.Name, f.Meaning)
	}
}

func (p *manPage) examples(text string) {
	if text == "" {
		return
	}
	p.section("EXAMPLES")
	p.example(commandLines(text, manColumns))
}

func (p *manPage) example(text string) {
	p.line(".PP")
	p.line(".EX")
	for line := range strings.Lines(text) {
		p.line(roff(strings.TrimRight(line, "\n")))
	}
	p.line(".EE")
}

// seeAlso names the pages above and below, and the topics.
func (p *manPage) seeAlso(cmd *cobra.Command) {
	var pages []string
	add := func(c *cobra.Command) {
		if c != cmd && !c.Hidden {
			pages = append(pages, fmt.Sprintf("%s(%d)", manName(c), manSection(c)))
		}
	}
	if cmd.HasParent() {
		add(cmd.Parent())
	}
	for _, c := range slices.Concat(cmd.Commands(), cmd.Root().Commands()) {
		if c.Parent() == cmd || c.IsAdditionalHelpTopicCommand() {
			add(c)
		}
	}
	slices.Sort(pages)
	p.section("SEE ALSO")
	p.line(roff(strings.Join(slices.Compact(pages), ", ")))
}

// roff makes text mean itself to man(7).
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
