package cmd

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func testApp() (*app, *bytes.Buffer, *bytes.Buffer) {
	var out, err bytes.Buffer
	return &app{term: ui.Test(strings.NewReader(""), &out, &err)}, &out, &err
}

// visit calls check for every command of the tree, the hidden ones included.
func visit(cmd *cobra.Command, check func(*cobra.Command)) {
	check(cmd)
	for _, child := range cmd.Commands() {
		visit(child, check)
	}
}

func TestTheCommandTreeKeepsItsConventions(t *testing.T) {
	t.Parallel()
	a, _, _ := testApp()
	visit(newRoot(a), func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		topic := !cmd.Runnable()
		switch {
		case cmd.Short == "" || strings.HasSuffix(cmd.Short, "."):
			t.Errorf("%s: the short help is empty or ends in a full stop: %q", path, cmd.Short)
		case !topic && !cmd.HasSubCommands() && !strings.Contains(cmd.Example, "  sentryidp "):
			t.Errorf("%s: no example begins with the program's name", path)
		case cmd.PersistentPreRunE != nil || cmd.PersistentPreRun != nil || cmd.PreRunE != nil:
			t.Errorf("%s: has a hook", path)
		case !topic && cmd.Args == nil && cmd.Name() != "help":
			t.Errorf("%s: does not check its arguments", path)
		}
	})
}

func TestNoFlagTakesASecret(t *testing.T) {
	t.Parallel()
	a, _, _ := testApp()
	secret := regexp.MustCompile(`token|password|passphrase|secret|api-?key`)
	reference := regexp.MustCompile(`-(file|env)$`)
	visit(newRoot(a), func(cmd *cobra.Command) {
		for _, name := range flagNames(cmd) {
			if secret.MatchString(name) && !reference.MatchString(name) && cmd.Flags().Lookup(name).Value.Type() != "bool" {
				t.Errorf("%s --%s could take a secret's value", cmd.CommandPath(), name)
			}
		}
	})
}

func TestAMistypedSubcommandIsAUsageErrorEverywhere(t *testing.T) {
	t.Parallel()
	probe, _, _ := testApp()
	visit(newRoot(probe), func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() {
			return
		}
		a, out, errs := testApp()
		args := strings.Fields(cmd.CommandPath() + " tpyo")[1:]
		if code := a.run(t.Context(), args); code != int(fault.Usage) {
			t.Errorf("%v: exit code %d, want %d", args, code, fault.Usage)
		}
		if out.Len() > 0 || !strings.Contains(errs.String(), "tpyo") {
			t.Errorf("%v: stdout %q, stderr %q", args, out, errs)
		}
	})
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}
