package ui_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// lines types one line with each read, as a terminal gives them.
type lines struct{ typed []string }

func (l *lines) Read(into []byte) (int, error) {
	if len(l.typed) == 0 {
		return 0, io.EOF
	}
	n := copy(into, l.typed[0])
	l.typed = l.typed[1:]
	return n, nil
}

func asker(typed ...string) (*ui.Terminal, *bytes.Buffer) {
	var shown bytes.Buffer
	term := ui.Test(&lines{typed}, io.Discard, &shown)
	term.InTTY, term.ErrTTY = true, true
	return term, &shown
}

func short(answer string) error {
	if len(answer) > 3 {
		return errors.New("expected 3 characters\x1b[2J")
	}
	return nil
}

func TestAskLineByLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		q     ui.Question
		typed []string
		want  string
		err   error
		shows []string
	}{
		"an answer":     {ui.Question{Title: "Name"}, []string{" ada \n"}, "ada", nil, []string{"Name: "}},
		"the default":   {ui.Question{Title: "Name", Default: "ada\x07"}, []string{"\n"}, "ada\x07", nil, []string{"Name [ada\uFFFD]: "}},
		"nothing":       {ui.Question{Title: "Name"}, []string{"\n", "ada\n"}, "ada", nil, []string{"an answer is needed"}},
		"optional":      {ui.Question{Title: "Name", Optional: true}, []string{"\n"}, "", nil, nil},
		"checked":       {ui.Question{Title: "Name", Check: short}, []string{"longer\n", "ada\n"}, "ada", nil, []string{"  expected 3 characters\uFFFD[2J\n"}},
		"help":          {ui.Question{Title: "Name", Help: "who\nyou are"}, []string{"ada\n"}, "ada", nil, []string{"\nwho you are\nName: "}},
		"a secret":      {ui.Question{Title: "Token", Secret: true, Default: "hidden"}, []string{"s3\n"}, "s3", nil, []string{"Token: "}},
		"Esc":           {ui.Question{Title: "Name", Default: "ada"}, []string{"a\x1b"}, "", ui.ErrEscape, nil},
		"the end":       {ui.Question{Title: "Name", Default: "ada"}, nil, "", ui.ErrEscape, nil},
		"end in checks": {ui.Question{Title: "Name", Check: short}, []string{"longer\n"}, "", ui.ErrEscape, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term, shown := asker(tt.typed...)
			got, err := term.Ask(t.Context(), tt.q)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v", got, err)
			}
			for _, words := range tt.shows {
				if !strings.Contains(shown.String(), words) {
					t.Errorf("it does not show %q: %q", words, shown)
				}
			}
			if strings.Contains(shown.String(), "hidden") || strings.ContainsAny(shown.String(), "\x1b\x07") {
				t.Errorf("shown: %q", shown)
			}
		})
	}
}

func names(n int) []ui.Option {
	var options []ui.Option
	for i := range n {
		options = append(options, ui.Option{Value: "group " + string(rune('a'+i%26)) + strings.Repeat("x", i/26)})
	}
	return options
}

func TestPickLineByLine(t *testing.T) {
	t.Parallel()
	options := []ui.Option{{Value: "2"}, {Value: "b", Label: "the \x1b[31mb"}, {Value: ""}}
	for name, tt := range map[string]struct {
		typed   []string
		initial string
		want    string
		err     error
	}{
		"a number":          {[]string{"3\n"}, "", "", nil},
		"a value":           {[]string{"b\n"}, "", "b", nil},
		"a number is first": {[]string{"2\n"}, "", "b", nil},
		"the default":       {[]string{"\n"}, "b", "b", nil},
		"an empty default":  {[]string{"\n"}, "", "", nil},
		"no option":         {[]string{"4\n", "0\n", "c\n", "b\n"}, "", "b", nil},
		"nothing by itself": {[]string{"\n", "b\n"}, "none", "b", nil},
		"Esc":               {[]string{"\x1b"}, "b", "", ui.ErrEscape},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term, shown := asker(tt.typed...)
			got, err := term.Pick(t.Context(), ui.Question{Title: "Which", Default: tt.initial}, options)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v: %s", got, err, shown)
			}
			if strings.ContainsRune(shown.String(), '\x1b') {
				t.Errorf("shown: %q", shown)
			}
		})
	}
}

func TestPickManyLineByLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typed  []string
		chosen []string
		want   []string
		err    error
	}{
		"numbers":      {[]string{"3, 1,3\n"}, nil, []string{"group c", "group a"}, nil},
		"names":        {[]string{"group b\n"}, nil, []string{"group b"}, nil},
		"not listed":   {[]string{"group z\n"}, nil, []string{"group z"}, nil},
		"as they were": {[]string{"\n"}, []string{"group a"}, []string{"group a"}, nil},
		"none":         {[]string{"none\n"}, []string{"group a"}, nil, nil},
		"wrong":        {[]string{"1,99\n", "1\n"}, nil, []string{"group a"}, nil},
		"the end":      {nil, []string{"group a"}, nil, ui.ErrEscape},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term, shown := asker(tt.typed...)
			got, err := term.PickMany(t.Context(), ui.Question{Title: "Which"}, names(26), tt.chosen)
			if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v: %s", got, err, shown)
			}
			if !strings.Contains(shown.String(), "  20  group t\n") || strings.Contains(shown.String(), "group u\n") || !strings.Contains(shown.String(), "and 6 more") {
				t.Errorf("shown: %s", shown)
			}
		})
	}
}

func TestNobodyIsAskedWithoutATerminal(t *testing.T) {
	t.Parallel()
	term, _ := asker("ada\n")
	term.NoInput = true
	if _, err := term.Ask(t.Context(), ui.Question{Title: "Name"}); !errors.Is(err, ui.ErrNoTerminal) {
		t.Errorf("got %v", err)
	}
	if _, err := term.Pick(t.Context(), ui.Question{}, names(1)); !errors.Is(err, ui.ErrNoTerminal) {
		t.Errorf("got %v", err)
	}
	if _, err := term.PickMany(t.Context(), ui.Question{}, names(1), nil); !errors.Is(err, ui.ErrNoTerminal) {
		t.Errorf("got %v", err)
	}
}
