package cmd

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// typist is a person at a terminal: one answer after the other, each once
// something has happened.
type typist struct {
	answers []answered
}

type answered struct {
	text string
	once func() // what happens before; may be nil
}

// Read types the next answer, and hangs up after the last.
func (p *typist) Read(into []byte) (int, error) {
	if len(p.answers) == 0 {
		return 0, io.EOF
	}
	next := p.answers[0]
	p.answers = p.answers[1:]
	if next.once != nil {
		next.once()
	}
	return copy(into, next.text), nil
}

// at runs the program at a terminal.
func (s *site) at(p *typist, args ...string) ended {
	s.t.Helper()
	var out, messages bytes.Buffer
	env := append([]string{"XDG_STATE_HOME=" + s.dir}, s.env...)
	a := &app{term: ui.Test(p, &out, &messages, env...), now: s.now, rand: s.chance, env: env}
	a.term.InTTY, a.term.ErrTTY = true, true
	writes := s.writes.Load()
	code := a.run(s.t.Context(), append(args, "--org", "acme", "--sentry-url", s.url))
	return ended{code: code, stdout: out.String(), err: messages.String(), writes: int(s.writes.Load() - writes)}
}

// sown is a site with one member, and a file of two people.
func sown(t *testing.T) (s *site, file string) {
	t.Helper()
	s = newSite(t, newHub(t), sandbox.DefaultState("acme"))
	file = filepath.Join(s.dir, "people.csv")
	s.sow(file, "ada", "bob")
	return s, file
}

func (s *site) sow(file string, people ...string) {
	s.t.Helper()
	var text strings.Builder
	text.WriteString("username,email\n")
	for _, name := range people {
		text.WriteString(name + "," + name + "@acme.test\n")
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func TestAPushAtATerminalAsksBeforeItWrites(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typed string
		args  []string
		code  fault.Code
		asked int
	}{
		"yes":        {"y\n", nil, fault.OK, 1},
		"no":         {"n\n", nil, fault.Failed, 1},
		"Enter":      {"\n", nil, fault.Failed, 1},
		"Esc":        {"\x1b", nil, fault.Failed, 1},
		"end":        {"", nil, fault.Failed, 1},
		"--yes":      {"n\n", []string{"--yes"}, fault.OK, 0},
		"--no-input": {"n\n", []string{"--no-input"}, fault.OK, 0},
		"--dry-run":  {"n\n", []string{"--dry-run"}, fault.OK, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, file := sown(t)
			e := s.at(&typist{answers: []answered{{text: tt.typed}}}, append([]string{"scim", "push", "--file", file}, tt.args...)...)
			if e.code != int(tt.code) || strings.Count(e.err, "Push this? [y/N]") != tt.asked {
				t.Errorf("exit code %d, said %q", e.code, e.err)
			}
			if wrote := e.writes > 0; wrote != (tt.code == fault.OK && name != "--dry-run") {
				t.Errorf("%d writes, said %q", e.writes, e.err)
			}
			if tt.code == fault.Failed && (!strings.Contains(e.err, "not confirmed: nothing was written") || !strings.Contains(e.stdout, "not applied: nothing was written")) {
				t.Errorf("said %q and %q", e.err, e.stdout)
			}
		})
	}
}

func TestAJobIsNotAsked(t *testing.T) {
	t.Parallel()
	s, file := sown(t)
	s.env = append(s.env, "CI=true")
	if e := s.at(&typist{}, "scim", "push", "--file", file); e.code != 0 || e.writes == 0 || strings.Contains(e.err, "[y/N]") {
		t.Errorf("exit code %d, %d writes, said %q", e.code, e.writes, e.err)
	}
}

func TestAPushWithNothingToDoAsksNothing(t *testing.T) {
	t.Parallel()
	s, file := sown(t)
	if e := s.at(&typist{}, "scim", "push", "--yes", "--file", file); e.code != 0 {
		t.Fatalf("exit code %d, said %q", e.code, e.err)
	}
	if e := s.at(&typist{}, "scim", "push", "--file", file); e.code != 0 || strings.Contains(e.err, "[y/N]") {
		t.Errorf("exit code %d, said %q", e.code, e.err)
	}
}

func TestALateAnswerHasEverythingReadAgain(t *testing.T) {
	t.Parallel()
	const again, same, another = "reading again first", "the plan is still the same", "the plan is another one now"
	tests := map[string]struct {
		wait     time.Duration
		more     []string // people who come into the directory meanwhile
		answers  []string // to the first question, and to the next
		code     fault.Code
		asked    int
		says     []string
		saysNone []string
		invited  int
	}{
		"in time":          {5 * time.Minute, []string{"cid"}, []string{"y\n"}, fault.OK, 1, nil, []string{again}, 2},
		"late":             {5*time.Minute + time.Second, nil, []string{"y\n"}, fault.OK, 1, []string{again, same}, nil, 2},
		"late no":          {time.Hour, nil, []string{"n\n"}, fault.Failed, 1, nil, []string{again}, 0},
		"late and changed": {time.Hour, []string{"cid"}, []string{"y\n", "y\n"}, fault.OK, 2, []string{again, another}, nil, 3},
		"changed, then no": {time.Hour, []string{"cid"}, []string{"y\n", "n\n"}, fault.Failed, 2, []string{again, another}, nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, file := sown(t)
			p := &typist{}
			for i, text := range tt.answers {
				one := answered{text: text}
				if i == 0 {
					one.once = func() {
						s.pass(tt.wait)
						s.sow(file, append([]string{"ada", "bob"}, tt.more...)...)
					}
				}
				p.answers = append(p.answers, one)
			}
			e := s.at(p, "scim", "push", "--file", file)
			if e.code != int(tt.code) || strings.Count(e.err, "[y/N]") != tt.asked {
				t.Errorf("exit code %d, said %q", e.code, e.err)
			}
			for _, text := range tt.says {
				if !strings.Contains(e.err, text) {
					t.Errorf("expected %q, said %q", text, e.err)
				}
			}
			for _, text := range tt.saysNone {
				if strings.Contains(e.err, text) {
					t.Errorf("did not expect %q, said %q", text, e.err)
				}
			}
			if got := strings.Count(e.stdout, "+ person"); tt.code == fault.OK && got != tt.invited {
				t.Errorf("%d people were invited, expected %d: %q", got, tt.invited, e.stdout)
			}
			if tt.code != fault.OK && e.writes > 0 {
				t.Errorf("%d writes", e.writes)
			}
		})
	}
}

func TestARestoreTakesNoLateAnswer(t *testing.T) {
	t.Parallel()
	s, file := sown(t)
	if e := s.at(&typist{}, "scim", "push", "--yes", "--file", file); e.code != 0 {
		t.Fatalf("exit code %d, said %q", e.code, e.err)
	}
	before := filepath.Join(s.dir, "before.json")
	if e := s.at(&typist{}, "scim", "export", "--out", before); e.code != 0 {
		t.Fatalf("exit code %d, said %q", e.code, e.err)
	}
	s.sow(file, "ada")
	if e := s.at(&typist{}, "scim", "push", "--yes", "--remove", "absent", "--file", file); e.code != 0 {
		t.Fatalf("exit code %d, said %q", e.code, e.err)
	}
	late := answered{"y\n", func() { s.pass(time.Hour) }}
	e := s.at(&typist{answers: []answered{late}}, "scim", "restore", before)
	if e.code != 0 || !strings.Contains(e.err, "reading again first") || e.writes == 0 {
		t.Errorf("exit code %d, %d writes, said %q", e.code, e.writes, e.err)
	}
	if e := s.at(&typist{}, "scim", "restore", before, "--no-input"); e.code != int(fault.Usage) || !strings.Contains(e.err, "pass --yes") {
		t.Errorf("exit code %d, said %q", e.code, e.err)
	}
}
