package ui_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestErrorsAndWarningsBecomeAnnotations(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	term.Annotations = "a: b, 100%\r\n"
	term.Warn("100%% of\r\nteams, people")
	term.Fail(errors.New("it broke\n::stop-commands::x"), []string{"mend it"})
	term.Annotate("2 failed")
	want := []string{
		"::warning title=a%3A b%2C 100%25%0D%0A::100%25 of%0D%0Ateams, people",
		"::error title=a%3A b%2C 100%25%0D%0A::it broke%0A::stop-commands::x%0Ahint: mend it",
		"::error title=a%3A b%2C 100%25%0D%0A::2 failed",
	}
	for _, line := range want {
		if !strings.Contains(errs.String(), "\n"+line+"\n") {
			t.Errorf("want the line\n%s\nin\n%s", line, errs.String())
		}
	}
	if strings.Contains(errs.String(), "\n::stop-commands") {
		t.Errorf("an error's own words became a command:\n%s", errs.String())
	}
}

func TestHarmlessDisarmsCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                          "",
		"a::b ## [c]":               "a::b ## [c]",
		"::error::x":                ":\uFFFD:error::x",
		"a\n \t::error::x":          "a\n \t:\uFFFD:error::x",
		"in ##[set-output name=a]b": "in ##\uFFFD[set-output name=a]b",
	}
	for text, want := range tests {
		if got := ui.Harmless(text); got != want {
			t.Errorf("Harmless(%q) = %q, want %q", text, got, want)
		}
	}
}
