package ui

import (
	"regexp"
	"strings"
)

// Annotate makes an error that standard error does not tell a workflow command
// of GitHub Actions, where those are wanted.
func (t *Terminal) Annotate(message string) { t.annotate("error", message) }

// annotate writes a workflow command of GitHub Actions: ::error title=…::message.
// The runner reads commands from standard error as from standard output
// (actions/runner, Handlers/ScriptHandler.cs).
func (t *Terminal) annotate(kind, message string) {
	if t.Annotations == "" {
		return
	}
	to := t
	if t.outer != nil {
		to = t.outer // behind a prefix, a command is none
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	to.printf("::%s title=%s::%s\n", kind, property.Replace(t.Annotations), data.Replace(message))
}

// Harmless returns text in which the runner of GitHub Actions finds no workflow
// command, neither at the start of a line nor in the older form, which is found
// anywhere (actions/runner, Runner.Common/ActionCommand.cs): a name in a
// directory must not be able to set an output of the job.
func Harmless(text string) string {
	command := regexp.MustCompile(`(?m)^(\s*):(:)|##(\[)`)
	return command.ReplaceAllStringFunc(text, func(found string) string {
		return found[:len(found)-1] + "\uFFFD" + found[len(found)-1:]
	})
}
