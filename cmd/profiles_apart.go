package cmd

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// apart refuses what the profiles cannot mean together. It is asked about all of
// them: those of other shards run elsewhere. What else is wrong with the settings of a
// profile is for its own run to say.
func (m *manyProfiles) apart(cmd *cobra.Command, names []string) error {
	organizations, servers := map[string]string{}, map[string]tokenServer{}
	for _, name := range names {
		in := m.configInput(cmd)
		in.Profile = name
		loaded, err := loadConfig(in)
		if err != nil {
			continue
		}
		if err := m.oneOrganization(organizations, loaded, name); err != nil {
			return err
		}
		for _, sent := range m.tokens(cmd, loaded) {
			if err := oneServer(servers, sent, loaded, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// tokens are the settings of the tokens that the runs send, each with that of the
// address it goes to.
func (m *manyProfiles) tokens(cmd *cobra.Command, loaded *config.Loaded) [][2]string {
	people := [2]string{authentikToken, "authentik.url"}
	switch offline := cmd.Flags().Lookup("offline"); {
	case m.sandbox != noSandbox || offline != nil && offline.Value.String() == "true":
		return nil
	case m.idp:
		return [][2]string{people}
	}
	return [][2]string{{"sentry.scim.token", scimAddressSetting(loaded)}, {"sentry.api.token", sentryAddress}, people}
}

// oneOrganization refuses a second profile that would write to an organization.
func (m *manyProfiles) oneOrganization(seen map[string]string, loaded *config.Loaded, name string) error {
	if !m.write {
		return nil
	}
	base, slug, err := m.organization(loaded.Addresses())
	if err != nil {
		return nil //nolint:nilerr // for its own run to say
	}
	for _, where := range targets(base, slug, loaded.Config.Sentry.SCIM.URL) {
		if other, twice := seen[where]; twice && other != name {
			return fault.Hint(fault.Usagef("the profiles %q and %q mean one organization: %s", other, name, where),
				"give each profile its own sentry.org, and its own sentry.scim.url if that is set, or take one out")
		}
		seen[where] = name
	}
	return nil
}

// targets are what tells an organization from others: its name, and the address
// that is written to. sentry.scim.url can lead to another one.
func targets(base sentry.Base, slug sentry.Slug, scimURL string) []string {
	address := cmp.Or(scimURL, sentry.URLsOf(base, slug).SCIMBaseURL)
	return []string{string(slug) + " on " + strings.ToLower(base.String()), strings.ToLower(strings.TrimRight(address, "/"))}
}

// tokenServer is where a profile has a token sent.
type tokenServer struct{ address, profile string }

// oneServer refuses a token of a variable that profiles would have sent to several
// servers: each of them would learn what opens another.
func oneServer(seen map[string]tokenServer, sent [2]string, loaded *config.Loaded, name string) error {
	token, from := sent[0], loaded.Origin(sent[0])
	text, _ := loaded.Value(sent[1]).(string)
	u, err := url.Parse(text)
	if err != nil || text == "" || from.Kind != config.FromEnvironment && from.Kind != config.FromConventional {
		return nil //nolint:nilerr // for its own run to say
	}
	at := strings.ToLower(u.Scheme + "://" + u.Host)
	first, known := seen[token]
	switch {
	case !known:
		seen[token] = tokenServer{at, name}
	case first.address != at:
		return fault.Hint(fault.Usagef("%s (%s) would be sent to the servers of several profiles: %s of %q, %s of %q", from, token, first.address, first.profile, at, name),
			"give each profile its own %s, such as {env: NAME}, and unset the variable", token)
	}
	return nil
}
