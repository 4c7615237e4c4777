// Package authentik emulates the part of authentik's REST API that provisioning
// Sentry needs, as strict as the product: users, groups, applications, bindings,
// providers, certificates, mappings and tasks. What an application may do to
// itself behind the API (policies written in Python, mappings that nobody knows)
// is told by the state, or refused. It imports nothing of the program that it is
// used to test.
package authentik

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// Release is a release of authentik that can be emulated.
type Release string

// The releases. They differ in the names of fields (issuer, filter_group,
// parent) and in what the SCIM client does.
const (
	Release202510 Release = "2025.10"
	Release202512 Release = "2025.12"
	Release202602 Release = "2026.2"
	Release202605 Release = "2026.5"
	Release202608 Release = "2026.8"
	ReleaseLatest         = Release202608
)

// Releases lists the releases, oldest first.
func Releases() []Release {
	return []Release{Release202510, Release202512, Release202602, Release202605, Release202608}
}

// version is the patch release that a release is emulated as: the last of its line
// that is known, or of which the schema is.
func (r Release) version() string {
	return map[Release]string{
		Release202510: "2025.10.4", Release202512: "2025.12.6", Release202602: "2026.2.7", Release202605: "2026.5.7", Release202608: "2026.8.3",
	}[r]
}

// Config is how an authentik is emulated. Now and Rand have no default.
type Config struct {
	Release Release
	Token   string // of the API; empty: one is made up
	BaseURL string // without a slash at the end, for the URLs in answers; empty: as each request has it
	Now     func() time.Time
	Rand    io.Reader
	Latency time.Duration // waited before each answer

	// Fault is asked before each request, numbered from 1; a status other than 0
	// is answered in the place of authentik, with a body of HTML.
	Fault func(n int, r *http.Request) (status int, body string)
	// Faults says what is wrong at present, by the names of [Faults]; nil means
	// nothing ever is.
	Faults *faults.Board
	// SCIM sends the requests of the SCIM client; nil: it cannot reach anything.
	SCIM *http.Client
}

// Request is one line of the journal.
type Request struct {
	N      int    `json:"n"`
	Method string `json:"method"`
	Path   string `json:"path"` // with the query
	Status int    `json:"status"`
}

// Authentik is an emulated authentik. It may be used from several goroutines;
// each write is atomic.
type Authentik struct {
	config Config
	token  string
	kinds  map[string]*kind

	mu        sync.Mutex
	base      string // the address that the present request was sent to
	state     State
	lastPK    int
	rows      map[string]map[string]Object // by collection and key
	inGroups  map[string][]int             // users by group; nil: to be worked out
	below     map[string][]string          // groups by the one above; nil: to be worked out
	views     map[string][]Object          // what the token may view, by collection, where it was worked out
	certified bool                         // the certificate of the installation has been made
	syncs     sync.WaitGroup
	running   map[int]bool         // syncs by provider
	targets   map[int]capabilities // what SCIM servers can do, by provider

	undo    map[string]func() // what takes back a fault that is on
	journal sync.Mutex
	asked   int
	seen    []Request
}

const maxJournal = 10_000

// New returns an authentik that holds the state, which it takes over. A state
// that authentik could not hold is an error.
func New(state State, config Config) (*Authentik, error) {
	if config.Now == nil || config.Rand == nil {
		return nil, errors.New("the emulated authentik needs a clock and a source of randomness")
	}
	if config.Release == "" {
		config.Release = ReleaseLatest
	}
	if !slices.Contains(Releases(), config.Release) {
		return nil, fmt.Errorf("want a release of %v, found %q", Releases(), config.Release)
	}
	a := &Authentik{
		config: config, token: config.Token, state: state, rows: map[string]map[string]Object{}, views: map[string][]Object{}, kinds: map[string]*kind{},
		running: map[int]bool{}, targets: map[int]capabilities{},
	}
	for _, k := range kinds() {
		a.kinds[k.path] = k
		a.rows[k.path] = map[string]Object{}
	}
	if a.token == "" {
		a.token = "ak_" + a.random(30)
	}
	config.Faults.Handle(a.switchFault)
	return a, a.load()
}

// Release is the emulated release.
func (a *Authentik) Release() Release { return a.config.Release }

// Token opens the API.
func (a *Authentik) Token() string { return a.token }

// Requests are the latest requests, oldest first, at most 10,000 of them.
func (a *Authentik) Requests() []Request {
	a.journal.Lock()
	defer a.journal.Unlock()
	return slices.Clone(a.seen)
}

// Wait returns when no sync is under way any more.
func (a *Authentik) Wait() { a.syncs.Wait() }

func (a *Authentik) since(r Release) bool { return a.config.Release >= r }

func (a *Authentik) random(bytes int) string {
	raw := make([]byte, bytes)
	if _, err := io.ReadFull(a.config.Rand, raw); err != nil {
		panic(fmt.Sprintf("no randomness: %v", err)) // crypto/rand never fails
	}
	return hex.EncodeToString(raw)
}

// uuid is a random UUID (RFC 9562 section 5.4).
func (a *Authentik) uuid() string {
	h := a.random(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

func (a *Authentik) number() int {
	a.lastPK++
	return a.lastPK
}
