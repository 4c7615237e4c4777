package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/runlock"
)

// lock is the lock of a push; one that writes nothing needs none.
func (o *scimPushOptions) lock(ctx context.Context, loaded *config.Loaded) (release func(), err error) {
	switch {
	case o.lockTimeout < 0:
		return nil, fault.Hint(fault.Usagef("--lock-timeout must be 0 or more, found %s", o.lockTimeout), "pass a duration such as 10m")
	case o.dryRun:
		return func() {}, nil
	}
	return o.lockOrganization(ctx, loaded, o.lockTimeout)
}

// lockOrganization keeps others on this machine from writing to the organization
// until release is called or the process ends. It waits for at most wait. Where
// there is no place for a lock, that is told, and the command goes on: what a
// push does is right without one. A rehearsal, whose Sentry is its own, takes no
// lock.
func (a *app) lockOrganization(ctx context.Context, loaded *config.Loaded, wait time.Duration) (release func(), err error) {
	unlocked := func() {}
	if a.rehearsal != nil {
		return unlocked, nil
	}
	base, slug, err := a.organization(loaded.Addresses())
	if err != nil {
		return nil, err
	}
	state, err := a.stateDir(loaded)
	if err != nil {
		return unlocked, nil //nolint:nilerr // the report of the run says it
	}
	name := memory.FileStem(scimAddress(base.String(), loaded), string(slug)) + ".lock"
	lock, err := a.takeLock(ctx, filepath.Join(state, "locks", name), wait)
	held, isHeld := errors.AsType[*runlock.HeldError](err)
	switch {
	case err == nil:
		return func() { _ = lock.Release() }, nil // the end of the process gives back what could not be released
	case isHeld:
		return nil, lockHeld(fmt.Sprintf("%s on %s", slug, base), held, wait)
	case ctx.Err() != nil:
		return nil, err
	}
	a.term.Warn("a second push at the same time is not refused: %v", err)
	return unlocked, nil
}

// takeLock says that it waits before it does.
func (a *app) takeLock(ctx context.Context, path string, wait time.Duration) (*runlock.Lock, error) {
	lock, err := runlock.Take(ctx, path, os.Getpid(), 0)
	held, ok := errors.AsType[*runlock.HeldError](err)
	if !ok || wait <= 0 {
		return lock, err
	}
	a.term.Note("%v: waiting up to %s for it", held, wait)
	return runlock.Take(ctx, path, os.Getpid(), wait)
}

func lockHeld(where string, held *runlock.HeldError, waited time.Duration) error {
	err := fault.New(fault.Failed, "another push into %s is under way: %w", where, held)
	if waited > 0 {
		return fault.Hint(err, "it did not end within %s: wait longer with --lock-timeout", waited)
	}
	return fault.Hint(err, "wait for it with --lock-timeout 10m")
}
