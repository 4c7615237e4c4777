package setup_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/setup"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// person answers questions by their titles. An answer that is not given is the one
// that is proposed.
type person struct {
	answers map[string][]string // by the beginning of the title; each is given once
	ends    string              // part of the title of the question that Esc answers
	asked   []string
	said    []string
}

func (p *person) next(title string) (answer string, given bool, err error) {
	p.asked = append(p.asked, title)
	if p.ends != "" && strings.Contains(title, p.ends) {
		return "", false, ui.ErrEscape
	}
	for part, answers := range p.answers {
		if strings.HasPrefix(title, part) && len(answers) > 0 {
			p.answers[part] = answers[1:]
			return answers[0], true, nil
		}
	}
	return "", false, nil
}

func (p *person) Ask(_ context.Context, q ui.Question) (string, error) {
	for range 10 {
		answer, given, err := p.next(q.Title)
		if err != nil {
			return "", err
		}
		if !given {
			answer = q.Default
		}
		if answer == "" && !q.Optional {
			return "", fmt.Errorf("nothing is answered to %q", q.Title)
		}
		problem := error(nil)
		if q.Check != nil && answer != "" {
			problem = q.Check(answer)
		}
		if problem == nil {
			return answer, nil
		}
		p.said = append(p.said, problem.Error())
	}
	return "", errors.New("asked for ever")
}

func (p *person) Pick(_ context.Context, q ui.Question, options []ui.Option) (string, error) {
	answer, given, err := p.next(q.Title)
	if !given {
		answer = q.Default
	}
	for _, option := range options {
		if option.Value == answer || option.Label == answer && answer != "" {
			return option.Value, err
		}
	}
	return "", errors.Join(err, fmt.Errorf("%q is not offered for %q", answer, q.Title))
}

func (p *person) PickMany(_ context.Context, q ui.Question, options []ui.Option, chosen []string) ([]string, error) {
	answer, given, err := p.next(q.Title)
	if !given || err != nil {
		return chosen, err
	}
	picked := strings.Split(answer, "|")
	for _, one := range picked {
		if !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == one }) {
			return nil, fmt.Errorf("%q is not offered for %q", one, q.Title)
		}
	}
	return picked, nil
}

func (p *person) Note(format string, args ...any) {
	p.said = append(p.said, fmt.Sprintf(format, args...))
}
func (p *person) Warn(format string, args ...any) { p.Note("warning: "+format, args...) }
func (p *person) Fail(err error, hints []string) {
	p.Note("error: %v, hints %q", err, hints)
}

// world is a Site. Verdicts are by the answer that a check is about.
type world struct {
	failed    map[string]doctor.Result // by the value of a setting that the answers have
	only      string
	directory setup.Directory
	listErr   error
	secrets   map[string]error // by where a secret is
	taken     []string

	examined []setup.Answers
}

func (w *world) Examine(_ context.Context, a setup.Answers, codes ...string) (*doctor.Report, error) {
	w.examined = append(w.examined, a)
	r := &doctor.Report{}
	for value, result := range w.failed {
		holds := slices.ContainsFunc(setup.Asked(), func(path string) bool {
			return fmt.Sprint(a.Values[path]) == value
		})
		if holds && slices.Contains(codes, result.Check) {
			r.Results = append(r.Results, result)
			r.Counts.Failed++
		}
	}
	if r.Counts.Failed == 0 {
		r.Results = []doctor.Result{{Code: codes[0], Check: codes[0], Verdict: doctor.OK, Title: codes[0], Saw: "it is fine"}}
	}
	return r, nil
}

func (w *world) Organization(context.Context, setup.Answers) (string, error) { return w.only, nil }

func (w *world) Directory(context.Context, setup.Answers) (setup.Directory, error) {
	return w.directory, w.listErr
}

func (w *world) Secret(_ context.Context, a setup.Answers, path string) error {
	return w.secrets[a.Reference(path).String()]
}

func (w *world) Taken(path string) bool { return slices.Contains(w.taken, path) }

const (
	sentryAt    = "https://sentry.acme.test"
	authentikAt = "https://id.acme.test"
)

// newcomer answers what has no proposal.
func newcomer(more map[string][]string) *person {
	p := &person{answers: map[string][]string{
		"Sentry's address": {sentryAt}, "Organization": {"acme"}, "authentik's address": {authentikAt},
	}}
	maps.Copy(p.answers, more)
	return p
}

func nothing() setup.Answers {
	return setup.Answers{Values: map[string]any{}, Typed: map[string]secret.String{}}
}

func TestANewcomerIsAskedForEverything(t *testing.T) {
	t.Parallel()
	site := &world{directory: setup.Directory{
		Applications: []ui.Option{{Value: "sentry", Label: "sentry (Sentry)"}, {Value: "wiki"}}, Groups: []string{"data", "eng", "sre"}, MoreGroups: 9000, Refused: 2,
	}}
	p := newcomer(map[string][]string{
		"Where is authentik": {"new file"}, "New file of the token": {"/home/ada/taken", "/home/ada/token"}, "authentik's API": {"ak_typed"},
		"Groups that may": {"eng|data"}, "More groups": {"ops, eng"}, "Where is Sentry's SCIM": {"variable"}, "Name of the environment": {"SCIM"},
	})
	site.taken = []string{"/home/ada/taken"}
	i := &setup.Interview{Asker: p, Site: site, Folder: "/home/ada"}
	got, err := i.Run(t.Context(), nothing())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		setup.SentryURL: sentryAt, setup.Org: "acme", setup.AuthentikURL: authentikAt, setup.Application: "sentry",
		setup.AuthentikToken: secret.Reference{File: "/home/ada/token"}, setup.SCIMToken: secret.Reference{Env: "SCIM"},
		setup.BindGroups: []string{"data", "eng", "ops"},
	}
	if diff := cmp.Diff(want, got.Values, cmp.Comparer(func(a, b secret.Reference) bool { return a.String() == b.String() })); diff != "" {
		t.Error(diff)
	}
	if got.Typed[setup.AuthentikToken].Reveal() != "ak_typed" || len(got.Typed) != 1 {
		t.Errorf("typed: %d secrets", len(got.Typed))
	}
	said := strings.Join(p.said, "\n")
	for _, words := range []string{"ok: sentry-reach (it is fine)", "the file exists", "2 applications and 9005 groups", "2 groups are not offered"} {
		if !strings.Contains(said, words) {
			t.Errorf("it does not say %q:\n%s", words, said)
		}
	}
	if strings.Contains(said, "ak_typed") {
		t.Error("the token is shown")
	}
	for _, a := range site.examined {
		if len(a.Values) > 0 && !a.Reference(setup.SCIMToken).IsZero() && !a.Reference(setup.AuthentikToken).IsZero() {
			t.Error("a check has two tokens, of which it needs one")
		}
	}
}

// TestAnAnswerThatFails is given again, kept, or mended by authorities.
func TestAnAnswerThatFails(t *testing.T) {
	t.Parallel()
	reach := doctor.Result{Code: "sentry-reach/refused", Check: "sentry-reach", Verdict: doctor.Failed, Saw: "nobody listens", Fix: "start it"}
	tls := doctor.Result{Code: "sentry-tls/authority", Check: "sentry-tls", Verdict: doctor.Failed, Saw: "an unknown authority"}
	for name, tt := range map[string]struct {
		failed  doctor.Result
		answers map[string][]string
		want    map[string]string
	}{
		"again": {reach, map[string][]string{"Sentry's address": {"https://wrong.test", sentryAt}}, map[string]string{setup.SentryURL: sentryAt}},
		"kept":  {reach, map[string][]string{"Sentry's address": {"https://wrong.test"}, "What now": {"keep"}}, map[string]string{setup.SentryURL: "https://wrong.test"}},
		"no authority is offered": {
			reach, map[string][]string{"Sentry's address": {"https://wrong.test"}, "What now": {"authority"}}, nil,
		},
		"an authority": {
			tls,
			map[string][]string{"Sentry's address": {"https://wrong.test"}, "What now": {"authority", "keep"}, "File of certificate": {"ca.pem"}},
			map[string]string{setup.SentryURL: "https://wrong.test", setup.SentryCA: "ca.pem"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newcomer(tt.answers)
			i := &setup.Interview{Asker: p, Site: &world{failed: map[string]doctor.Result{"https://wrong.test": tt.failed}}}
			got, err := i.Run(t.Context(), nothing())
			if (err != nil) != (tt.want == nil) {
				t.Fatalf("got %v", err)
			}
			for path, value := range tt.want {
				if got.Text(path) != value {
					t.Errorf("%s: got %q, want %q", path, got.Text(path), value)
				}
			}
			if said := strings.Join(p.said, "\n"); !strings.Contains(said, "error: "+tt.failed.Saw+" ("+tt.failed.Code+")") {
				t.Errorf("said %s", said)
			}
		})
	}
}

func TestTheOnlyOrganizationIsOffered(t *testing.T) {
	t.Parallel()
	p := newcomer(map[string][]string{"Organization": nil})
	got, err := (&setup.Interview{Asker: p, Site: &world{only: "acme-only"}}).Run(t.Context(), nothing())
	if err != nil || got.Text(setup.Org) != "acme-only" {
		t.Errorf("got %q, %v", got.Text(setup.Org), err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	unset := errors.New("the environment variable NONE is not set")
	refused := doctor.Result{Code: "authentik-token/refused", Check: "authentik-token", Verdict: doctor.Failed, Saw: "authentik refuses the token"}
	for name, tt := range map[string]struct {
		answers map[string][]string
		keyring error
		want    string
		typed   string
		says    string
	}{
		"later":   {nil, nil, "", "", ""},
		"unset":   {map[string][]string{"Where is authentik": {"variable"}, "Name of": {"NONE"}, "What now": {"keep"}}, nil, "env NONE", "", unset.Error()},
		"again":   {map[string][]string{"Where is authentik": {"variable", "file"}, "Name of": {"NONE"}, "File of the token": {"t"}}, nil, "file t", "", unset.Error()},
		"refused": {map[string][]string{"Where is authentik": {"file", "later"}, "File of the token": {"refused"}}, nil, "", "", refused.Saw},
		"pasted": {
			map[string][]string{"Where is authentik": {"variable"}, "Name of": {"sntrys_f00dfeedf00dfeedf00dfeedf00dfeed", "1x", "TOKEN"}}, nil, "env TOKEN", "", "this looks like the token itself",
		},
		"keyring":           {map[string][]string{"Where is authentik": {"keyring"}, "authentik's API": {"a b", "typed"}}, nil, "keyring sentryidp/authentik-token", "typed", "no spaces"},
		"keyring is locked": {map[string][]string{"Where is authentik": {"keyring", "later"}}, errors.New("no D-Bus"), "", "", "no D-Bus"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newcomer(tt.answers)
			site := &world{secrets: map[string]error{"env NONE": unset}, failed: map[string]doctor.Result{"file refused": refused}}
			i := &setup.Interview{Asker: p, Site: site, Keyring: func(context.Context) error { return tt.keyring }}
			got, err := i.Run(t.Context(), nothing())
			if err != nil {
				t.Fatal(err)
			}
			if at := got.Reference(setup.AuthentikToken).String(); at != tt.want && (tt.want != "" || !got.Reference(setup.AuthentikToken).IsZero()) {
				t.Errorf("got %q, want %q", at, tt.want)
			}
			if got.Typed[setup.AuthentikToken].Reveal() != tt.typed {
				t.Error("another secret was typed")
			}
			if said := strings.Join(p.said, "\n"); !strings.Contains(said, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, said)
			}
		})
	}
}

// TestEscEndsAtEveryQuestion gives nothing back.
func TestEscEndsAtEveryQuestion(t *testing.T) {
	t.Parallel()
	questions := []string{"Sentry's address", "Organization", "authentik's address", "Where is authentik", "Application", "Groups", "Where is Sentry's SCIM", "Where is Sentry's API"}
	for _, title := range questions {
		p := newcomer(nil)
		p.ends = title
		i := &setup.Interview{Asker: p, Site: &world{directory: setup.Directory{Groups: []string{"eng"}}}}
		given := nothing()
		given.Values[setup.AuthentikToken] = secret.Reference{Env: "TOKEN"}
		got, err := i.Run(t.Context(), given)
		if !errors.Is(err, ui.ErrEscape) || got.Values != nil {
			t.Errorf("%s: got %v, %v", title, got.Values, err)
		}
		if last := p.asked[len(p.asked)-1]; !strings.Contains(last, title) {
			t.Errorf("%s: the last question was %q", title, last)
		}
	}
}

func TestWithTheirOwnTokensNoneAreAskedFor(t *testing.T) {
	t.Parallel()
	p := newcomer(nil)
	if _, err := (&setup.Interview{Asker: p, Site: &world{listErr: errors.New("authentik says no")}, OwnTokens: true}).Run(t.Context(), nothing()); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(p.asked, func(title string) bool { return strings.Contains(title, "token") }) {
		t.Errorf("asked %q", p.asked)
	}
	if said := strings.Join(p.said, "\n"); !strings.Contains(said, "cannot be listed: authentik says no") {
		t.Errorf("said %s", said)
	}
}
