package cmd

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// perProfile is the command line of cmd for one profile: the same flags, but for
// those that are about all runs together, and files of its own.
func perProfile(cmd *cobra.Command, args []string, name string) []string {
	line := strings.Fields(cmd.CommandPath())[1:]
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains([]string{"all-profiles", "shard", "parallel", "output", "timeout"}, f.Name) {
			return
		}
		for _, value := range valuesOf(f) {
			if slices.Contains([]string{"report", "out", "diff"}, f.Name) {
				value = besides(value, name)
			}
			line = append(line, "--"+f.Name+"="+value)
		}
	})
	return slices.Concat(line, []string{"--profile=" + name, "--"}, args)
}

// valuesOf are the values of a flag, one for each time that it has to be given. A
// list that was given without an entry is given so.
func valuesOf(f *pflag.Flag) []string {
	list, ok := f.Value.(pflag.SliceValue)
	switch {
	case !ok:
		return []string{f.Value.String()}
	case len(list.GetSlice()) == 0:
		return []string{""}
	}
	return list.GetSlice()
}

// flagValues are the values of all flags that were given.
func flagValues(flags *pflag.FlagSet) []string {
	var values []string
	flags.Visit(func(f *pflag.Flag) { values = append(values, valuesOf(f)...) })
	return values
}

// besides puts the name of a profile into that of a file, before its ending.
func besides(path, name string) string {
	ending := filepath.Ext(path)
	return strings.TrimSuffix(path, ending) + "." + url.QueryEscape(name) + ending
}
