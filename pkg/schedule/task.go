package schedule

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Task is one command line of the job.
type Task struct {
	Name string
	Args []string // without the program
	When Time
}

// Reports are the endings of the reports of a push.
func (s Settings) Reports() []string { return []string{"html", "json", "xml"} }

// PushArgs are the arguments of the push, which writes its reports into a folder.
func (s Settings) PushArgs(folder string) []string {
	args := []string{"scim", "push", "--no-input", "--timeout", "1h"}
	for _, ending := range s.Reports() {
		args = append(args, "--report", path.Join(folder, "push."+ending))
	}
	return append(args, s.profileArgs()...)
}

// profileArgs are the arguments of a pod that has a part of the profiles.
func (s Settings) profileArgs() []string {
	if s.Shards == 0 {
		return nil
	}
	return []string{"--all-profiles", "--shard", fmt.Sprintf("auto/%d", s.Shards)}
}

// Checks are what is looked at every week. Without an identity provider whose
// certificate can be asked for, that check is left out.
func (s Settings) Checks() []Task {
	var checks []Task
	certificate := []string{"saml", "cert", "check", "--timeout", "10m"}
	switch {
	case s.Authentik:
		checks = append(checks, Task{"certificate", append(append(certificate, "--authentik"), s.profileArgs()...), s.Weekly()})
	case s.MetadataURL != "":
		checks = append(checks, Task{"certificate", append(certificate, "--metadata", oneLine(s.MetadataURL)), s.Weekly()})
	}
	return append(checks, Task{"doctor", append([]string{"doctor", "--timeout", "10m"}, s.profileArgs()...), s.Weekly()})
}

// Tasks are the push, with its reports in the state directory of systemd, and the
// checks.
func (s Settings) Tasks() []Task {
	return append([]Task{{"push", s.PushArgs("%S/sentryidp/" + s.Folder()), s.Nightly()}}, s.Checks()...)
}

// IsPush reports whether the task pushes.
func (t Task) IsPush() bool { return t.Name == "push" }

// SecretsOf returns the secrets that the push, or else the checks, need.
func (s Settings) SecretsOf(push bool) []Secret {
	var needed []Secret
	for _, secret := range s.Secrets {
		if secret.Push || !push {
			needed = append(needed, secret)
		}
	}
	return needed
}

// Variable is what the secret is called among the secrets of a repository:
// SENTRY_SCIM_TOKEN for sentry.scim.token.
func (s Secret) Variable() string { return strings.ToUpper(strings.ReplaceAll(s.Setting, ".", "_")) }

// File is what the file of the secret is called: sentry-scim-token for
// sentry.scim.token.
func (s Secret) File() string { return cmp.Or(s.Key, strings.ReplaceAll(s.Setting, ".", "-")) }

var extension = pattern.New(`^\.[a-z0-9]{1,5}$`)

// Name is what the file is called where the job keeps it: scim-file.yaml for
// people.yaml of scim.file. The ending says what is in it.
func (i Input) Name() string {
	name := strings.NewReplacer(".", "-", "_", "-").Replace(i.Setting)
	if ending := path.Ext(i.Path); extension().MatchString(ending) {
		name += ending
	}
	return name
}

// Outcome is an exit code of the program, and whether the job tries again.
type Outcome struct {
	fault.Meaning

	Again bool
}

// Outcomes are the exit codes. What another attempt can mend is tried again: a
// server that did not answer, a push that was cut short. What a person has to look
// at is not.
func (s Settings) Outcomes() []Outcome {
	var outcomes []Outcome
	for _, m := range fault.Meanings() {
		again := m.Code == fault.Failed || m.Code == fault.Partial || m.Code == fault.Interrupted
		outcomes = append(outcomes, Outcome{m, again})
	}
	return outcomes
}

// Codes are the exit codes other than 0 that are tried again, or those that are
// not.
func (s Settings) Codes(again bool) []int {
	var codes []int
	for _, o := range s.Outcomes() {
		if o.Code != fault.OK && o.Again == again {
			codes = append(codes, int(o.Code))
		}
	}
	return codes
}
