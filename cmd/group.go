package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// group makes cmd a parent of subcommands. Alone it shows its help; with a
// word that is no subcommand it is a usage error, where cobra by itself would
// print help and exit 0.
func group(cmd *cobra.Command, children ...*cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0])
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.AddCommand(children...)
	return cmd
}

func unknownCommand(parent *cobra.Command, word string) error {
	err := fault.Usagef("unknown command %q for %q", word, parent.CommandPath())
	var names []string
	for _, child := range parent.Commands() {
		if !child.Hidden {
			names = append(names, child.Name())
		}
	}
	if near := nearest.Word(word, names); near != "" {
		return fault.Hint(err, "did you mean '%s %s'?", parent.CommandPath(), near)
	}
	return fault.Hint(err, "run '%s --help' for the list of commands", parent.CommandPath())
}

// usageArgs makes the complaints of check usage errors.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return fault.Hint(fault.WithCode(err, fault.Usage), "usage: %s", cmd.UseLine())
		}
		return nil
	}
}

// noArgs refuses arguments. A file is probably meant for --file, where there is
// such a flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fault.Usagef("expected no argument but found %q", args[0])
	if cmd.Flags().Lookup("file") != nil {
		err = fault.Hint(err, "name a file with --file")
	}
	return fault.Hint(err, "usage: %s", cmd.UseLine())
}

// flagError names the flag that is nearest to one that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		return unknownCommand(cmd, words[0]) // the flag belongs to the command that was meant
	}
	err = fault.WithCode(err, fault.Usage)
	missing, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	near := nearest.Word(missing.GetSpecifiedName(), names)
	if near == "" {
		return err
	}
	return fault.Hint(err, "did you mean --%s?", near)
}

// exclusive refuses flags that cannot go together.
func exclusive(cmd *cobra.Command, names ...string) error {
	var given []string
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) < 2 {
		return nil
	}
	return fault.Hint(fault.Usagef("%s cannot go together", strings.Join(given, " and ")), "keep one of them")
}

// enumValue is a flag that takes one of a few words.
type enumValue[T ~string] struct {
	target *T
	values []string
}

func enum[T ~string](target *T, value T, values []string) *enumValue[T] {
	*target = value
	return &enumValue[T]{target: target, values: values}
}

func (e *enumValue[T]) String() string { return string(*e.target) }

func (e *enumValue[T]) Type() string { return strings.Join(e.values, "|") }

func (e *enumValue[T]) Set(word string) error {
	if !slices.Contains(e.values, word) {
		return errors.New("want one of " + strings.Join(e.values, ", "))
	}
	*e.target = T(word)
	return nil
}

func completeValues(cmd *cobra.Command, flag string, values []string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

func completeFile(cmd *cobra.Command, flag string, extensions ...string) {
	flags := cmd.Flags()
	if flags.Lookup(flag) == nil {
		flags = cmd.PersistentFlags()
	}
	must(cobra.MarkFlagFilename(flags, flag, extensions...))
}

// must reports a mistake in the wiring of the commands, which every test meets.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
