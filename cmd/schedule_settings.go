package cmd

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/schedule"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/version"
)

// jobFiles are the settings that name files which a job reads, and uploads those
// that it leaves out, as they are for 'authentik apply'.
func jobFiles() []string { return []string{"scim.file", "sentry.ca_file", "authentik.ca_file"} }
func uploads() []string  { return []string{"authentik.certificate_file", "authentik.key_file"} }

// scheduled is what the job is written from. It names secrets, and reads none.
func (o *scheduleOptions) scheduled(loaded *config.Loaded) (schedule.Settings, error) {
	base, slug, err := o.organization(loaded.Addresses())
	if err != nil {
		return schedule.Settings{}, err
	}
	if err := schedule.CheckTimezone(o.timezone); err != nil {
		return schedule.Settings{}, err
	}
	c := loaded.Config
	s := schedule.Settings{Org: string(slug), Version: version.Read(o.release, o.builder).Version, Timezone: o.timezone, Secrets: jobSecrets(loaded)}
	if o.at != "" {
		if s.Push, err = schedule.ParseTime(o.at); err != nil {
			return s, fault.Hint(err, "--at is the time of the push, such as 03:17")
		}
	}
	if s.Files, err = jobInputs(loaded); err != nil {
		return s, err
	}
	s.Config = loaded.Portable(slices.Concat(jobFiles(), uploads())...)
	if o.platform == schedule.Cron && c.StateDir != "" {
		if s.StateDir, err = filepath.Abs(c.StateDir); err != nil {
			return s, err
		}
	}
	if defaultSentry(loaded) {
		o.tellOnce(o.term.Note, fmt.Sprintf("Sentry's address is %s, which is only the default: pass --sentry-url if Sentry is elsewhere", base))
	}
	for _, note := range loaded.Loosened() {
		o.tellOnce(o.term.Warn, "the job runs every night with a "+note)
	}
	o.tellLeftOut(loaded)
	s.Authentik = slices.ContainsFunc(s.Secrets, func(found schedule.Secret) bool { return found.Setting == authentikToken })
	switch {
	case c.Authentik.URL == "":
		o.tellOnce(o.term.Note, "the job does not check the certificate: no authentik is set (authentik.url)")
	case !s.Authentik:
		s.MetadataURL = integration.Settings{AuthentikURL: c.Authentik.URL, Application: c.Authentik.Application}.MetadataURL()
	}
	s.Ports = portsOf(base.String(), c.Sentry.SCIM.URL, c.Authentik.URL)
	return s, nil
}

const authentikToken = "authentik.token"

// jobSecrets are the secrets that the job needs: what a push sends, and what is
// set for the checks.
func jobSecrets(loaded *config.Loaded) []schedule.Secret {
	set := func(path string) bool {
		ref, is := loaded.Value(path).(secret.Reference)
		return is && !ref.IsZero()
	}
	people := loaded.Config.SCIM.Source == config.SourceAuthentik
	var secrets []schedule.Secret
	add := func(path string, push bool) {
		secrets = append(secrets, schedule.Secret{Setting: path, Env: config.SettingOf(path).Env(), Push: push})
	}
	add("sentry.scim.token", true)
	if people || set(authentikToken) {
		add(authentikToken, people)
	}
	if set("sentry.api.token") {
		add("sentry.api.token", false)
	}
	return secrets
}

// jobInputs are the files that are set. People of authentik need none.
func jobInputs(loaded *config.Loaded) ([]schedule.Input, error) {
	c := loaded.Config
	if c.SCIM.Source == config.SourceAuthentik && c.Authentik.URL == "" {
		return nil, fault.Hint(fault.Usagef("the job does not know where people come from: neither authentik.url nor scim.file is set"),
			"pass --authentik-url URL or --file FILE")
	}
	if c.SCIM.Source == config.SourceFile && (c.SCIM.File == "" || c.SCIM.File == "-") {
		return nil, fault.Hint(fault.Usagef("people of a job come from authentik or from a file, and scim.file is %q", c.SCIM.File), "name a file with --file")
	}
	var inputs []schedule.Input
	for _, path := range jobFiles() {
		name, _ := loaded.Value(path).(string)
		if name == "" || path == "scim.file" && c.SCIM.Source != config.SourceFile {
			continue
		}
		inputs = append(inputs, schedule.Input{Setting: path, Env: config.SettingOf(path).Env(), Path: name})
	}
	return inputs, nil
}

// tellLeftOut names the settings that are not in the job although they are set.
func (o *scheduleOptions) tellLeftOut(loaded *config.Loaded) {
	for _, path := range uploads() {
		if name, _ := loaded.Value(path).(string); name != "" {
			o.tellOnce(o.term.Note, path+" is not in the job, which uploads no certificate")
		}
	}
}

// portsOf are the ports that the addresses are reached at, each once.
func portsOf(addresses ...string) []int {
	var ports []int
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			continue
		}
		port, err := strconv.Atoi(u.Port())
		switch {
		case err == nil:
		case u.Scheme == "http":
			port = 80
		default:
			port = 443
		}
		ports = append(ports, port)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}
