package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/version"
)

// doctor makes a Doctor of the settings. What is missing or cannot be had is no
// error: it is found. An error is a setting that cannot be used at all.
func (o *examination) doctor(ctx context.Context, loaded *config.Loaded) (*doctor.Doctor, error) {
	budget := &doctor.Budget{Max: o.maximum}
	o.tune = func(options *transport.Options) { options.Wrap, options.MaxAttempts = budget.Wrap, 1 }
	if o.secrets == nil {
		o.secrets = map[string]secret.String{}
	}
	subject, err := o.subject(loaded)
	if err != nil {
		return nil, err
	}
	d := &doctor.Doctor{
		Subject: subject, Setup: o.setup(loaded), LookUp: lookUp, Unavailable: map[doctor.Probe]string{},
		Requests: budget.Sent, Now: o.now, Bound: o.bound, Only: o.only, Skip: o.skip,
	}
	if err := o.documents(ctx, loaded, d); err != nil {
		return nil, err
	}
	if subject.URLs == nil {
		d.Setup.Missing = append(d.Setup.Missing, doctor.Missing{
			Setting: "sentry.org", Saw: "no organization is set (sentry.org)", Fix: "pass --org SLUG, or set SENTRYIDP_SENTRY_ORG: the slug is in the address bar of Sentry",
		})
	}
	if o.offline {
		for _, p := range doctor.Probes() {
			d.Unavailable[p] = "--offline asks no server"
		}
		if d.Metadata != nil {
			delete(d.Unavailable, doctor.ProbeDocument)
		}
		return d, nil
	}
	lack(d)
	if err := o.connectPublic(ctx, loaded, d); err != nil {
		return nil, err
	}
	return d, o.connectSecret(ctx, loaded, d)
}

// documents reads the files that are judged.
func (o *examination) documents(ctx context.Context, loaded *config.Loaded, d *doctor.Doctor) (err error) {
	stdin := slices.DeleteFunc([]string{o.metadata, o.response, o.report}, func(path string) bool { return path != "-" })
	if len(stdin) > 1 {
		return fault.Usagef("standard input can be one of the inputs alone")
	}
	if o.metadata != "" && !isURL(o.metadata) {
		if d.Metadata, err = o.readInput(ctx, source{o.metadata, filekind.Metadata, maxMetadata}); err != nil {
			return err
		}
		d.Metadata = append([]byte{}, d.Metadata...) // also where it is empty
	}
	if len(o.maps) > 0 || loaded.VouchFor(config.SAMLAttributes()...) == nil {
		if d.Mapping, err = mappingOf(loaded, o.maps); err != nil {
			return err
		}
	}
	if o.response != "" {
		if d.Response, err = parsed(ctx, o.app, source{o.response, filekind.Response, samlresponse.MaxInput}, samlresponse.Decode); err != nil {
			return err
		}
	}
	if o.report != "" {
		d.SentryReport, err = parsed(ctx, o.app, source{o.report, filekind.ScriptReport, sentryexec.MaxBytes}, sentryexec.Parse)
	}
	return err
}

// subject is what the settings name that need no trust.
func (o *examination) subject(loaded *config.Loaded) (doctor.Subject, error) {
	at := loaded.Addresses()
	release, err := releaseOf(loaded)
	if err != nil {
		return doctor.Subject{}, err
	}
	subject := doctor.Subject{
		Release: release, SCIMURL: loaded.Config.Sentry.SCIM.URL, DefaultSentry: defaultSentry(loaded),
		AuthentikURL: strings.TrimRight(strings.TrimSpace(at.Authentik), "/"), Application: at.Application, Issuer: loaded.Config.Authentik.Issuer,
		MetadataURL: o.metadata,
	}
	if subject.MetadataURL == "" && subject.AuthentikURL != "" {
		subject.MetadataURL = subject.AuthentikURL + "/application/saml/" + at.Application + "/metadata/"
	}
	base, _, err := sentry.ParseBase(at.Sentry) // its warnings are findings of checks
	subject.SentryURL = base.String()
	if err != nil || at.Org == "" {
		return subject, err
	}
	slug, err := sentry.ParseSlug(at.Org)
	urls := sentry.URLsOf(base, slug)
	subject.URLs = &urls
	return subject, err
}

// lack says of each probe that needs more than it is given what that is.
func lack(d *doctor.Doctor) {
	if d.Subject.URLs == nil {
		cannot(d, "no organization is named", doctor.ProbeMetadata, doctor.ProbeSCIM, doctor.ProbeMembers, doctor.ProbeAuth,
			doctor.ProbeAudit, doctor.ProbeIntegration, doctor.ProbeDrift)
	}
	if d.Metadata != nil {
		cannot(d, "the metadata is read from a file", doctor.ProbeIDP)
	}
	if d.Subject.MetadataURL == "" {
		cannot(d, "no identity provider is named: pass --authentik-url, or --idp-metadata", doctor.ProbeIDP)
	}
	if d.Subject.AuthentikURL == "" {
		cannot(d, "authentik.url (--authentik-url) is not set", doctor.ProbeAuthentik, doctor.ProbeIntegration)
	}
}

// cannot keeps the first reason why probes cannot be made.
func cannot(d *doctor.Doctor, why string, probes ...doctor.Probe) {
	for _, p := range probes {
		if d.Unavailable[p] == "" {
			d.Unavailable[p] = why
		}
	}
}

// setup is what is known of this machine.
func (o *examination) setup(loaded *config.Loaded) doctor.Setup {
	s := doctor.Setup{Loosened: loaded.Loosened(), Version: version.Read(o.release, o.builder).Version}
	for _, file := range loaded.Files {
		s.Files = append(s.Files, fmt.Sprintf("%s (%s)", file.Path, file.Standing))
	}
	if err := loaded.Vouch(integrationAddresses()...); err != nil {
		s.Refused, s.TrustFix = strings.Join(strings.Fields(err.Error()), " "), strings.Join(fault.Hints(err), "; or ")
	}
	if o.rehearsal != nil {
		s.StateDir = "a rehearsal keeps nothing"
		return s
	}
	switch s.StateDir, s.StateErr = o.stateDir(loaded); {
	case s.StateErr != nil:
	case loaded.Refused("state_dir"):
		s.StateErr = fault.New(fault.Failed, "%s names it, which nobody trusts: it was not looked at", loaded.Origin("state_dir"))
	default:
		s.StateErr = keeps(s.StateDir)
	}
	return s
}

// keeps reports whether a folder, or the nearest folder above one that is not
// there yet, can be written to.
func keeps(dir string) error {
	info, err := os.Stat(dir)
	for above := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && above != dir; above = filepath.Dir(dir) {
		dir = above
		info, err = os.Stat(dir)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fault.New(fault.Failed, "expected a folder but found a file: %s", dir)
	}
	staged, err := atomicfile.Stage(filepath.Join(dir, "doctor"), nil, 0o600)
	if err == nil {
		staged.Discard()
	}
	return err
}

// unusable notes a secret that is named and cannot be had.
func unusable(d *doctor.Doctor, setting string, err error) {
	d.Setup.Missing = append(d.Setup.Missing, doctor.Missing{
		Setting: setting, Saw: setting + " cannot be used: " + fault.Text(err), Fix: strings.Join(fault.Hints(err), "; "),
	})
}
