package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// untouched is a standard input that nothing may read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("standard input was read")
	return 0, nil
}

// leaves calls check for each command that does something itself.
func leaves(a *app, check func(*cobra.Command)) {
	visit(newRoot(a), func(cmd *cobra.Command) {
		if cmd.Runnable() && !cmd.HasSubCommands() {
			check(cmd)
		}
	})
}

func TestAFormatThatACommandDoesNotHaveIsRefusedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	probe, _, _ := testApp()
	leaves(probe, func(cmd *cobra.Command) {
		has := formatsOf(cmd)
		for _, format := range report.Formats() {
			if slices.Contains(has, format) {
				continue
			}
			a, out, errs := testApp()
			a.term.In = untouched{t}
			args := slices.Concat(strings.Fields(cmd.CommandPath())[1:], []string{"-", "--config", "missing.yaml", "-o", format})
			code := a.run(t.Context(), args)
			want := `invalid argument "` + format + `" for "-o, --output" flag: want one of ` + strings.Join(has, ", ")
			if structured := format == string(report.JSON) || format == string(report.YAML); structured != (out.Len() > 0) {
				t.Errorf("%v: stdout %q", args, out)
			}
			if code != int(fault.Usage) || !strings.Contains(errs.String(), want) {
				t.Errorf("%v: exit code %d, stderr %q, want exit code %d and %q", args, code, errs, fault.Usage, want)
			}
		}
	})
}

func TestEachCommandOffersAndCompletesItsOwnFormats(t *testing.T) {
	t.Parallel()
	probe, _, _ := testApp()
	leaves(probe, func(cmd *cobra.Command) {
		flag := cmd.LocalFlags().Lookup("output")
		if flag == nil {
			t.Errorf("%s: no --output of its own", cmd.CommandPath())
			return
		}
		if got, want := flag.Value.Type(), strings.Join(formatsOf(cmd), "|"); got != want {
			t.Errorf("%s: --output offers %s, want %s", cmd.CommandPath(), got, want)
		}
		a, out, _ := testApp()
		a.run(t.Context(), slices.Concat([]string{"__complete"}, strings.Fields(cmd.CommandPath())[1:], []string{"--output", ""}))
		if got := strings.Fields(strings.Split(out.String(), ":")[0]); !slices.Equal(got, formatsOf(cmd)) {
			t.Errorf("%s: --output completes to %q, want %q", cmd.CommandPath(), got, formatsOf(cmd))
		}
	})
}

func TestTheFormatIsFoundBehindAFlagThatIsWrong(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want report.Format
	}{
		"before":             {[]string{"-o", "json", "version", "--bad"}, report.JSON},
		"after":              {[]string{"version", "--bad", "-o", "json"}, report.JSON},
		"long":               {[]string{"version", "--bad", "--output", "yaml"}, report.YAML},
		"long with a sign":   {[]string{"version", "--bad", "--output=yaml"}, report.YAML},
		"in one word":        {[]string{"version", "--bad", "-ojson"}, report.JSON},
		"with a sign":        {[]string{"version", "--bad", "-o=json"}, report.JSON},
		"in a cluster":       {[]string{"version", "--bad", "-qvo", "json"}, report.JSON},
		"the last wins":      {[]string{"version", "--bad", "-o", "json", "-o", "yaml"}, report.YAML},
		"no format":          {[]string{"version", "--bad"}, report.Text},
		"without a value":    {[]string{"version", "--bad", "-o"}, report.Text},
		"an unknown one":     {[]string{"version", "-o", "xml"}, report.Text},
		"an argument":        {[]string{"version", "--bad", "--", "-o", "json"}, report.Text},
		"another flag's end": {[]string{"version", "--bad", "--to", "json"}, report.Text},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, out, errs := testApp()
			if code := a.run(t.Context(), tt.args); code != int(fault.Usage) {
				t.Errorf("exit code %d, want %d", code, fault.Usage)
			}
			if a.format != tt.want {
				t.Errorf("the format is %s, want %s", a.format, tt.want)
			}
			if (out.Len() > 0) != (tt.want != report.Text) || errs.Len() == 0 {
				t.Errorf("stdout %q, stderr %q", out, errs)
			}
		})
	}
}

var _ report.Document = (*errorDocument)(nil)

func TestAnErrorDocumentHasNoEmptyPlaces(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	doc := newErrorDocument(fault.New(fault.Refused, "no\x1b"), fault.Refused, nil)
	if err := report.Write(&out, ui.Plain(), report.JSON, doc); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") || !strings.Contains(out.String(), `"code": 6`) {
		t.Errorf("the document is %s", out.String())
	}
}
