// Package sandbox emulates the parts of Sentry that sentryidp talks to, as
// http.Handlers over state in memory: the SCIM API of one organization, with
// the dialect of several releases, and its SAML service-provider metadata. It
// shares no type with the clients it is used to test, because a type shared
// with a fake shares its mistakes, and imports nothing else of the project.
package sandbox

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// Config is what a Sentry is given beside its state. Now and Rand are required.
type Config struct {
	// Release is the Sentry release to behave as; empty means [ReleaseLatest].
	Release Release
	// Token is the SCIM bearer token; empty means a fresh one read from Rand.
	Token string
	// APIToken is the bearer token of Sentry's own API, with other scopes; empty
	// means a fresh one read from Rand.
	APIToken string
	// SandboxToken is the bearer token of /_sandbox/; empty means a fresh one read
	// from Rand.
	SandboxToken string
	// BaseURL is Sentry's system.url-prefix, which absolute addresses start
	// with; empty means the host each request was sent to.
	BaseURL string
	// Now is the clock of rate limits and of the metadata's validity.
	Now func() time.Time
	// Rand is where the token and the suffixes of deleted team slugs come from.
	Rand io.Reader
	// Latency is waited before each request is handled. Django does not notice a
	// client that gives up meanwhile: the request is handled all the same.
	Latency time.Duration
	// MemberLatency is how long a PATCH of a team takes for each member that it
	// adds or removes, in one transaction, which is committed even if the client
	// has given up; another write of the same team waits for it. 0 means what the
	// state says.
	MemberLatency time.Duration
	// SAMLURL says which addresses Sentry's SAML library accepts as endpoints;
	// others end in HTTP 500. nil means that it accepts every one.
	SAMLURL func(address string) bool
	// Fault is asked before each request, numbered from 1, what goes wrong
	// with it; nil means nothing ever does. It may be called concurrently.
	Fault func(n int, r *http.Request) Fault
	// Faults says what is wrong at present, by the names of [Faults]; nil means
	// nothing ever is.
	Faults *faults.Board
}

// Sentry is an emulated Sentry with one organization. It serves
//
//	/api/0/organizations/ORG/scim/v2/…   the SCIM API
//	/api/0/organizations/ORG/…           the organization, its auth provider, members, teams and audit log
//	/api/client-config/                  what every browser is told
//	/saml/metadata/ORG/                  the service provider's metadata
//	/_sandbox/state, /_sandbox/requests  what it holds and what it was asked,
//	                                     for loopback hosts and the sandbox's own token
//
// and is safe for concurrent requests; each write is atomic.
type Sentry struct {
	config  Config
	dialect dialect
	limiter *limiter
	journal journal
	asked   atomic.Int64

	mu      sync.RWMutex
	settled *sync.Cond // of mu: a transaction has ended
	org     State      // all but members and teams, which the store holds
	store   *store
	log     auditLog
	undo    map[string]func() // what takes back a fault that is on
}

// NewSentry makes a Sentry that starts from state. The error says what is wrong
// with the state or which required part of config is missing.
func NewSentry(state State, config Config) (*Sentry, error) {
	if config.Now == nil || config.Rand == nil {
		return nil, errors.New("sandbox: wanted a clock and a source of randomness, found none: set Config.Now and Config.Rand")
	}
	release, err := ParseRelease(string(config.Release))
	if err != nil {
		return nil, err
	}
	if config.BaseURL, err = cleanBaseURL(config.BaseURL); err != nil {
		return nil, err
	}
	state = state.withDefaults()
	if err := state.check(); err != nil {
		return nil, err
	}
	if config.Token == "" {
		if config.Token, err = newToken(config.Rand); err != nil {
			return nil, err
		}
	}
	if config.APIToken == "" {
		if config.APIToken, err = newToken(config.Rand); err != nil {
			return nil, err
		}
	}
	if config.SandboxToken == "" {
		if config.SandboxToken, err = randomHex(config.Rand, 32); err != nil {
			return nil, fmt.Errorf("making the sandbox's own token: %w", err)
		}
	}
	if config.MemberLatency == 0 {
		config.MemberLatency = time.Duration(state.MemberLatencyMS) * time.Millisecond
	}
	s := &Sentry{
		config:  config,
		undo:    map[string]func(){},
		dialect: release.dialect(),
		limiter: newLimiter(state, config.Now),
		org:     state.withoutLists(),
		store:   newStore(state, config.Now),
		log:     auditLog{entries: state.AuditLog},
	}
	s.settled = sync.NewCond(&s.mu)
	config.Faults.Handle(s.switchFault)
	return s, nil
}

// Token is the bearer token that the SCIM API accepts. A state whose token is
// null accepts none, this one included.
func (s *Sentry) Token() string { return s.config.Token }

// APIToken is the second token that Sentry accepts, with the scopes of the state.
func (s *Sentry) APIToken() string { return s.config.APIToken }

// SandboxToken is the bearer token that /_sandbox/ accepts.
func (s *Sentry) SandboxToken() string { return s.config.SandboxToken }

// Snapshot is the present state: members and teams in the order of their ids.
func (s *Sentry) Snapshot() State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	state := s.org
	state.Members = s.store.memberStates()
	state.Teams = s.store.teamStates()
	state.Projects = s.store.projectStates()
	state.AuditLog = s.log.states()
	return state
}

// Requests are the latest requests, oldest first, at most 10,000 of them.
func (s *Sentry) Requests() []Request { return s.journal.list() }

func newToken(random io.Reader) (string, error) {
	text, err := randomHex(random, 32)
	if err != nil {
		return "", fmt.Errorf("making a SCIM token: %w", err)
	}
	// Sentry marks the tokens of internal integrations with this prefix.
	return "sntryi_" + text, nil
}

func randomHex(random io.Reader, size int) (string, error) {
	raw := make([]byte, size)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	return hex.EncodeToString(raw), nil
}

func cleanBaseURL(base string) (string, error) {
	if base == "" {
		return "", nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("base URL: wanted http:// or https:// and a host, found %q", base)
	}
	return u.Scheme + "://" + u.Host, nil
}
