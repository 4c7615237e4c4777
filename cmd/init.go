package cmd

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/setup"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type initOptions struct {
	*app

	out   string
	force bool

	target string // the file that is written
	before []byte // what it holds now; nil: it is not there

	standing config.Standing // of what it holds now
}

func newInit(a *app) *cobra.Command {
	o := &initOptions{app: a}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a configuration by asking, and examine it",
		Long: `Ask for what a configuration needs, examine each answer against the live servers,
and write it as a file in which every setting is explained. What Sentry and
authentik tell (the organization, applications, groups) is offered. A file that is
there is changed only after the difference was shown and agreed to; what is not
asked for keeps its value. A file of the working directory is trusted as it was
written, as by 'config trust'. In the end, 'sentryidp doctor' examines the whole,
and its exit code is the one of this command.

No secret is written into the configuration. It names a variable, a file that holds
the secret, or an entry of the system's keyring; a secret that is typed is stored
in a new file (mode 0600) or in the keyring.

Esc and Ctrl-C leave everything as it was. With --no-input, or without a terminal,
nothing is asked: flags, variables and configuration files are the answers, and all
that is missing is told at once.`,
		Example: `  sentryidp init
  sentryidp init --sandbox
  sentryidp init --org acme --authentik-url https://authentik.example.com --no-input
  sentryidp init --out staging.yaml --org acme-staging --force`,
		Annotations: writes(everyDocument(report.Markdown, report.JUnit)...),
		Args:        noArgs,
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "sentry.ca_file", "authentik.url", "authentik.application", "authentik.bind_groups")
	completeFile(cmd, "ca-file", "pem", "crt")
	flags := cmd.Flags()
	flags.StringVar(&o.out, "out", "", "`file` (YAML) to write (default: that of --config, else sentryidp.yaml in the working directory)")
	flags.BoolVar(&o.force, "force", false, "replace a file that is there without asking")
	completeFile(cmd, "out", "yaml", "yml")
	return cmd
}

func (o *initOptions) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	if o.profile != "" {
		return fault.Hint(fault.Usagef("init writes no profiles, and --profile names one"), "leave --profile out, and add the profile to the file")
	}
	store, err := o.choose(ctx)
	if err != nil {
		return err
	}
	loaded, err := o.present(cmd)
	if err != nil {
		return err
	}
	answers, err := o.answers(ctx, loaded)
	if err != nil {
		return o.ended(ctx, err)
	}
	content, err := o.content(answers)
	if err != nil {
		return err
	}
	if o.rehearsal != nil && o.out == "" {
		return o.rehearse(ctx, loaded, content)
	}
	if err := o.agree(ctx, content); err != nil {
		return o.ended(ctx, err)
	}
	if err := o.write(ctx, store, content, answers); err != nil {
		return err
	}
	return o.examine(cmd, loaded, answers)
}

// ended says that nothing was written, where a person ended the questions.
func (o *initOptions) ended(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, ui.ErrEscape):
		return fault.New(fault.Failed, "not confirmed: nothing was written")
	case errors.Is(err, ui.ErrInterrupt), o.term.CanAsk() && errors.Is(context.Cause(ctx), signalError{}):
		return fault.New(fault.Interrupted, "interrupted: nothing was written")
	}
	return err
}

// choose finds out which file is written, and reads it. The store is nil where the
// file needs no trust.
func (o *initOptions) choose(ctx context.Context) (*config.TrustStore, error) {
	o.target, o.standing = o.named(), config.Named
	if o.target == "" {
		found := config.ProjectFiles("")
		if len(found) > 1 {
			return nil, fault.Hint(fault.Usagef("%s are both there", strings.Join(found, " and ")), "keep one of them")
		}
		o.target = strings.Join(append(found, "sentryidp.yaml")[:1], "")
	}
	if extension := filepath.Ext(o.target); !slices.Contains([]string{".yaml", ".yml"}, extension) {
		return nil, fault.Hint(fault.Usagef("expected a file of YAML (.yaml or .yml) but found %s", o.target), "name another file with --out, or change this one by hand")
	}
	data, err := o.readInput(ctx, source{o.target, filekind.Settings, config.MaxFile})
	switch {
	case err == nil:
		o.before = append([]byte{}, data...) // also where it is empty
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if !config.IsProjectFile(o.target) || o.sandbox != noSandbox {
		return nil, nil //nolint:nilnil // there is nothing to trust
	}
	store, err := config.OpenTrust(o.env)
	if err == nil && o.before != nil && (o.out != "" && o.out != o.configFile || o.named() == "") {
		o.standing = store.Standing(o.target, o.before)
	}
	return store, fault.Hint(err, "the list of trusted files lies in the user's state folder: set HOME or XDG_STATE_HOME")
}

// named is the file that a flag or a variable names, or "".
func (o *initOptions) named() string {
	for _, name := range []string{o.out, o.configFile, o.getenv("SENTRYIDP_CONFIG")} {
		if name != "" {
			return name
		}
	}
	return ""
}

// present is the configuration as it is, from which the questions begin.
func (o *initOptions) present(cmd *cobra.Command) (*config.Loaded, error) {
	switch {
	case o.named() == "":
	case o.before != nil:
		o.configFile = o.target
	case o.configFile != "" && o.out != "": // begins from another file
	default:
		o.configFile, o.draft = o.target, &config.Draft{Path: o.target}
	}
	loaded, err := o.load(cmd)
	o.draft = nil
	return loaded, err
}

// answers asks a person, or takes what is given.
func (o *initOptions) answers(ctx context.Context, loaded *config.Loaded) (setup.Answers, error) {
	given := setup.AnswersOf(loaded)
	if o.term.CanAsk() {
		if err := o.introduce(ctx, loaded); err != nil {
			return setup.Answers{}, err
		}
		folder, err := config.UserDir(o.env)
		if err != nil {
			folder = "."
		}
		interview := &setup.Interview{
			Asker: o.term, Site: &initSite{o}, Folder: folder, OwnTokens: o.rehearsal != nil,
		}
		if o.keyring != nil {
			interview.Keyring = o.keyring.check
		}
		return interview.Run(ctx, given)
	}
	if err := o.nothingMissing(loaded); err != nil {
		return setup.Answers{}, err
	}
	if err := o.foreign(ctx, loaded); err != nil {
		return setup.Answers{}, err
	}
	for _, file := range []string{loaded.Config.Sentry.CAFile, loaded.Config.Authentik.CAFile} {
		if _, err := o.authorities(ctx, file); err != nil {
			return setup.Answers{}, err // which every later command would end with
		}
	}
	return given, nil
}

// introduce says what is asked, and asks whether a file counts that nobody trusts.
func (o *initOptions) introduce(ctx context.Context, loaded *config.Loaded) error {
	writes := "this writes " + o.target
	if o.rehearsal != nil && o.out == "" {
		writes = "this rehearses, and writes nothing"
	}
	o.term.Note("%s; Enter takes the answer that is proposed, Esc and Ctrl-C leave everything as it was", writes)
	refused, isRefused := errors.AsType[*config.UntrustedError](o.foreign(ctx, loaded))
	if !isRefused {
		return nil
	}
	if err := showFile(o.term.Err, refused); err != nil {
		return err
	}
	yes, err := o.term.Confirm(ctx, "Begin with what "+refused.File.Path+" says?")
	if err == nil && !yes {
		return ui.ErrEscape
	}
	return err
}

// nothingMissing names all settings that have to be given and are not.
func (o *initOptions) nothingMissing(loaded *config.Loaded) error {
	missing := o.demand(loaded, setup.Org, authentikAddress)
	if missing == nil {
		return nil
	}
	because := fault.Hint(fault.Usagef("there is no terminal to ask on"), "run it on a terminal to be asked")
	switch {
	case o.term.NoInput:
		because = fault.Usagef("--no-input asks nothing")
	case o.term.InTTY && o.term.ErrTTY:
		because = fault.Usagef("nothing is asked in a job, which the variable CI tells")
	}
	return errors.Join(because, missing)
}

// content is what the file is to hold.
func (o *initOptions) content(answers setup.Answers) ([]byte, error) {
	if o.before == nil {
		return setup.NewFile(answers)
	}
	present, err := loadConfig(config.Input{File: o.target, Draft: &config.Draft{Path: o.target, Content: o.before}})
	if err != nil {
		return nil, err
	}
	return setup.EditFile(o.before, setup.AnswersOf(present), answers)
}

// rehearse shows the file, which is not written, and examines the rehearsal.
func (o *initOptions) rehearse(ctx context.Context, loaded *config.Loaded, content []byte) error {
	if err := setup.WriteDiff(o.term.Err, o.term.ErrStyles(), nil, content); err != nil {
		return err
	}
	o.term.Note("--sandbox: %s is not written; --out FILE writes it", o.target)
	return o.conclude(ctx, func(d *doctorOptions) (*doctor.Report, error) { return d.examine(ctx, loaded) })
}

// conclude ends the run as doctor does.
func (o *initOptions) conclude(ctx context.Context, examine func(*doctorOptions) (*doctor.Report, error)) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	d := &doctorOptions{examination: examination{app: o.app, bound: defaultBound}}
	found, err := examine(d)
	if err != nil {
		return err
	}
	return d.conclude(found)
}
