package cmd

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

// agree shows what becomes of the file, and has it agreed to.
func (o *initOptions) agree(ctx context.Context, content []byte) error {
	if o.before != nil && bytes.Equal(o.before, content) {
		return nil
	}
	asks := o.term.CanAsk() && !o.force
	if asks || o.before != nil {
		if err := setup.WriteDiff(o.term.Err, o.term.ErrStyles(), o.before, content); err != nil {
			return err
		}
	}
	switch {
	case asks && o.before == nil:
		return o.confirmed(ctx, "Write "+o.target+"?")
	case asks:
		return o.confirmed(ctx, "Replace "+o.target+"?")
	case o.before != nil && !o.force:
		return fault.Hint(fault.New(fault.Failed, "%s exists and is not replaced: what differs is shown above", o.target), "add --force to replace it")
	}
	return nil
}

func (o *initOptions) confirmed(ctx context.Context, question string) error {
	yes, err := o.term.Confirm(ctx, question)
	if err == nil && !yes {
		return fault.New(fault.Failed, "not confirmed: nothing was written")
	}
	return err
}

// filePerm are the permissions of a new configuration, which holds no secret.
const filePerm = 0o644

// write stores the secrets that were typed, writes the file and trusts it: all of
// it, or nothing.
func (o *initOptions) write(ctx context.Context, store *config.TrustStore, content []byte, answers setup.Answers) (err error) {
	if err := o.unchanged(ctx); err != nil {
		return err
	}
	perm := fs.FileMode(filePerm)
	if info, missing := os.Stat(o.target); missing == nil {
		perm = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(o.target), 0o750); err != nil {
		return err
	}
	staged, err := atomicfile.Stage(o.target, content, perm)
	if err != nil {
		return err
	}
	defer staged.Discard()
	done := &undoing{}
	defer func() {
		if err != nil {
			err = errors.Join(err, done.undo())
		}
	}()
	for _, path := range setup.Asked() {
		if typed, isTyped := answers.Typed[path]; isTyped {
			if err := o.store(ctx, answers.Reference(path), typed, done); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return o.ended(ctx, ctx.Err())
	}
	trusted, err := o.trust(store, content, done)
	if err != nil {
		return err
	}
	if o.before != nil && bytes.Equal(o.before, content) {
		o.term.Note("%s says all of this already, and stays as it is", o.target)
	} else {
		if err := staged.Commit(atomicfile.Replace(o.before != nil)); err != nil {
			return err
		}
		o.term.Note("%s is written", o.target)
	}
	if trusted {
		o.term.Note("%s is trusted until it changes; 'sentryidp config trust --remove' takes that back", o.target)
	}
	return nil
}

// unchanged refuses to replace what nobody has seen: questions take their time, and
// an editor may be open beside them.
func (o *initOptions) unchanged(ctx context.Context) error {
	if o.before == nil {
		return nil
	}
	now, err := o.readInput(ctx, source{o.target, filekind.Settings, config.MaxFile})
	if err == nil && bytes.Equal(now, o.before) {
		return nil
	}
	return fault.Hint(fault.New(fault.Failed, "%s has changed meanwhile: nothing was written", o.target), "run the command again")
}

// trust trusts the content that the file is about to have, unless it is trusted
// already or needs no trust.
func (o *initOptions) trust(store *config.TrustStore, content []byte, done *undoing) (trusted bool, err error) {
	if store == nil || store.Standing(o.target, content) == config.Trusted {
		return false, nil
	}
	restored := o.before != nil && store.Standing(o.target, o.before) == config.Trusted
	if err := store.Add(o.target, content); err != nil {
		return false, err
	}
	done.add(func() error {
		if restored {
			return store.Add(o.target, o.before)
		}
		_, err := store.Remove(o.target)
		return err
	})
	return true, nil
}

// store puts a secret that was typed where the reference says. A file that exists
// is not replaced.
func (o *initOptions) store(ctx context.Context, at secret.Reference, typed secret.String, done *undoing) error {
	if at.Keyring != "" {
		undo, err := o.keyring.store(ctx, at.Keyring, typed)
		if err == nil {
			done.add(undo)
		}
		return err
	}
	if err := atomicfile.MakeFolder(filepath.Dir(at.File)); err != nil {
		return err
	}
	err := atomicfile.Write(at.File, []byte(typed.Reveal()+"\n"), 0o600, atomicfile.Keep)
	if err == nil {
		done.add(func() error { return os.Remove(at.File) })
	}
	return err
}

// undoing takes back what was done, the last first.
type undoing struct{ steps []func() error }

func (u *undoing) add(step func() error) { u.steps = append(u.steps, step) }

func (u *undoing) undo() error {
	var errs []error
	for _, step := range slices.Backward(u.steps) {
		errs = append(errs, step())
	}
	return errors.Join(errs...)
}

// examine runs doctor on what was written.
func (o *initOptions) examine(cmd *cobra.Command, rehearsed *config.Loaded, answers setup.Answers) error {
	ctx := cmd.Context()
	if o.rehearsal != nil {
		return o.conclude(ctx, func(d *doctorOptions) (*doctor.Report, error) { return d.examine(ctx, rehearsed) })
	}
	if o.named() != "" {
		o.configFile = o.target
	}
	err := o.conclude(ctx, func(d *doctorOptions) (*doctor.Report, error) {
		loaded, err := d.load(cmd)
		if err != nil {
			return nil, err
		}
		o.tellHidden(loaded, answers)
		return d.examine(ctx, loaded)
	})
	o.tellNext()
	return err
}

// tellHidden names the answers that do not count, because something stronger than
// the file says something else.
func (o *initOptions) tellHidden(loaded *config.Loaded, answers setup.Answers) {
	for _, path := range setup.Asked() {
		value, answered := answers.Values[path]
		if from := loaded.Origin(path); answered && from.Kind != config.FromFile && !reflect.DeepEqual(value, loaded.Value(path)) {
			o.term.Warn("%s in %s does not count: %s gives another value", path, o.target, from)
		}
	}
}

func (o *initOptions) tellNext() {
	with := ""
	if o.named() != "" && !config.IsProjectFile(o.target) {
		with = " --config " + o.target
	}
	o.term.Note("next: 'sentryidp authentik apply%s --dry-run' shows what is missing in authentik, 'sentryidp saml attributes%s' what to type into Sentry's form", with, with)
}
