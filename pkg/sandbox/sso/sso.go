// Package sso emulates a single sign-on between authentik and Sentry for people
// in front of a browser: an identity provider with authentik's addresses,
// metadata and attributes, and Sentry's side of SAML, which has each response
// judged by a judge that is handed in, and shows all its checks. Faults can be
// switched on to learn what each looks like.
//
// Nobody has a password here, so it belongs on a loopback address. It imports
// nothing else of the project: what it would share with the code it helps to
// test, it would share the mistakes of. The judge is held against Sentry's own
// library where it is written.
package sso

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// Config is what a Rehearsal is given. All of it is required but Provider, Faults
// and People.
type Config struct {
	// SentryURL and IDPURL are the origins of the two sides, without a path.
	SentryURL, IDPURL string
	// Org is Sentry's organization.
	Org Org
	// Judge says what Sentry makes of a response. It may be called concurrently.
	Judge func(Login) Verdict
	// Provider is authentik's SAML provider now, and whether there is one; nil means one
	// with keys of its own, all mappings, and everybody let in. It may be called
	// concurrently.
	Provider func() (Provider, bool)
	// Faults says what is wrong at present; nil means a board of its own, with
	// [Faults].
	Faults *faults.Board
	// People can log in at the identity provider; nil means [SamplePeople].
	People []Person
	// Now is the clock of both sides.
	Now func() time.Time
	// Rand is where keys, sessions and message ids come from.
	Rand io.Reader
}

// Org is an organization of an emulated Sentry. The functions may be called
// concurrently, and are called anew for each page.
type Org struct {
	// Slug is the organization's name in addresses.
	Slug string
	// Members, Teams and Requests are what it holds and what it was asked.
	Members  func() []Member
	Teams    func() []Team
	Requests func() []Request
	// Plan is what a push of the directory would change now, a line a change. It may
	// be nil, where there is no directory.
	Plan func(ctx context.Context) ([]string, error)
	// Join makes a member of the person with this e-mail address: by accepting
	// their approved invitation, which keeps its id, role and teams, or anew,
	// with the default role. It returns the id of the member.
	Join func(email string) string
}

// Member is a membership or an invitation of an organization.
type Member struct {
	// ID, Email and Role are Sentry's. Email is empty for the placeholder of an
	// invitation whose address Sentry keeps elsewhere.
	ID, Email, Role string
	// SecondaryEmails are further addresses of a member's account.
	SecondaryEmails []string
	// Linked is true for a membership, false for an invitation.
	Linked bool
	// Requested is true for an invitation that somebody asked for and nobody has
	// approved.
	Requested bool
	// Inactive is true for a member whose account is deactivated.
	Inactive bool
	// Flags are Sentry's, such as "idp:provisioned".
	Flags []string
}

// Address is the address as pages show it.
func (m Member) Address() string { return cmp.Or(m.Email, "(no address)") }

// has tells whether an address is one of the member's, in any case.
func (m Member) has(email string) bool {
	return strings.EqualFold(m.Email, email) || slices.ContainsFunc(m.SecondaryEmails, func(other string) bool { return strings.EqualFold(other, email) })
}

// Team is a team; Members are ids.
type Team struct {
	Name, Slug string
	Members    []string
}

// Request is a request to the emulated Sentry's API.
type Request struct {
	N            int
	Method, Path string
	Status       int
}

// Person is somebody the identity provider knows.
type Person struct {
	// ID is authentik's number of the user, which is the attribute uid.
	ID int
	// Username, Name and Email are attributes; Email may be empty.
	Username, Name, Email string
	// Groups are names of groups.
	Groups []string
}

// Rehearsal is both sides of a single sign-on. Its handlers are safe for
// concurrent requests.
type Rehearsal struct {
	config Config
	pages  *pages
	keys   *keys
	idp    *idp
	sp     *sp
}

// New makes a Rehearsal, with fresh keys. The error says which part of config
// is missing or wrong.
func New(config Config) (*Rehearsal, error) {
	if config.Now == nil || config.Rand == nil || config.Judge == nil || config.Org.Members == nil || config.Org.Teams == nil ||
		config.Org.Requests == nil || config.Org.Join == nil {
		return nil, errors.New("sso: expected a clock, randomness, a judge and an organization but found one missing")
	}
	for _, origin := range []string{config.SentryURL, config.IDPURL} {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Path != "" {
			return nil, fmt.Errorf("sso: expected an origin such as http://127.0.0.1:9000 but found %q", origin)
		}
	}
	if config.People == nil {
		config.People = SamplePeople()
	}
	if config.Faults == nil {
		config.Faults, _ = faults.New(Faults()) // their names differ
	}
	pages, err := newPages(config)
	if err != nil {
		return nil, err
	}
	keys, err := newKeys(config.Rand, config.Now())
	if err != nil {
		return nil, err
	}
	r := &Rehearsal{config: config, pages: pages, keys: keys}
	r.idp = newIDP(r)
	r.sp = newSP(r)
	return r, nil
}

// Sentry serves Sentry's side and the pages of the rehearsal, and leaves every
// other address to next.
func (r *Rehearsal) Sentry(next http.Handler) http.Handler { return r.sp.handler(next) }

// IDP serves the identity provider, and leaves every other address to next.
func (r *Rehearsal) IDP(next http.Handler) http.Handler { return r.idp.handler(next) }

// HomeURL is the page to begin at in a browser.
func (r *Rehearsal) HomeURL() string { return r.config.SentryURL + homePath }

// LoginURL is where a login begins at Sentry.
func (r *Rehearsal) LoginURL() string { return r.config.SentryURL + r.sp.loginPath() }

// MetadataURL is the address of the identity provider's metadata, which is its
// entity ID, too, as from authentik 2026.5 on.
func (r *Rehearsal) MetadataURL() string { return r.config.IDPURL + idpBase + "metadata/" }

// The service provider's addresses (auth/providers/saml2/provider.py).
func (c Config) spEntityID() string { return c.SentryURL + "/saml/metadata/" + c.Org.Slug + "/" }
func (c Config) acsURL() string     { return c.SentryURL + "/saml/acs/" + c.Org.Slug + "/" }
func (c Config) slsURL() string     { return c.SentryURL + "/saml/sls/" + c.Org.Slug + "/" }
