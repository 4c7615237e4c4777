// Package transport is how sentryidp speaks HTTP: small round trippers for the
// user agent, a token bound to its origin, retries, pacing, counting, tracing
// and bounded reads, and the one place that puts them in order. It knows
// nothing of SCIM, authentik or settings.
package transport

import (
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/secret"
)

// The defaults of Options.
const (
	DefaultConcurrency    = 8
	DefaultMaxAttempts    = 10
	DefaultAttemptTimeout = 100 * time.Second // the proxy of self-hosted gives up after 90 s and then says so
	DefaultConnectTimeout = 30 * time.Second
	DefaultGiveUpAfter    = 5 * time.Minute
	DefaultMaxBody        = 64 << 20
)

// Options describe a client. Zero values mean the defaults above; Clock has no
// default.
type Options struct {
	// UserAgent is sent with every request.
	UserAgent string
	// Origin is a URL; Token is sent as a bearer to its scheme, host and port
	// and to nothing else.
	Origin string
	Token  secret.String
	// PlainHosts are hosts beside loopback to which the token may go over plain
	// http, without ports.
	PlainHosts []string
	// Concurrency is the ceiling of requests under way at once. Rate is the
	// ceiling of requests a second, zero for none. What the server asks for
	// lowers both.
	Concurrency int
	Rate        float64
	// MaxAttempts bounds how often one request is sent, AttemptTimeout how long
	// one attempt may take with its body, and ConnectTimeout how long it may take
	// to connect. GiveUpAfter bounds a run of nothing but failures, whatever the
	// requests; a pause that the server asks for and that would last longer is
	// not begun, and its 429 or 503 is handed on.
	MaxAttempts    int
	AttemptTimeout time.Duration
	ConnectTimeout time.Duration
	GiveUpAfter    time.Duration
	// MaxBody bounds the bytes of an answer, after decompression.
	MaxBody int64
	// RootCAs replaces the system's certificate authorities, nil for those.
	RootCAs *x509.CertPool
	// Counter, if any, counts every attempt. Trace, if any, is given one line
	// for each; it is called from several goroutines.
	Counter *Counter
	Trace   func(line string)
	// Waiting, if any, is given a line once waiting and retrying have lasted five
	// seconds in sum, and whenever the sum has doubled. It is called from several
	// goroutines.
	Waiting func(line string)
	// Clock is where time and chance come from.
	Clock Clock
	// Wrap, if any, is put around the network: it sees every attempt.
	Wrap Middleware
	// Base replaces the network, for tests.
	Base http.RoundTripper
}

// Middleware wraps a round tripper in another.
type Middleware func(http.RoundTripper) http.RoundTripper

// Chain wraps base in the middlewares, the first outermost.
func Chain(base http.RoundTripper, middlewares ...Middleware) http.RoundTripper {
	for _, wrap := range slices.Backward(middlewares) {
		base = wrap(base)
	}
	return base
}

// New returns a client that follows no redirects: a redirect is handed on as
// the answer, so that the caller can say where it points. It fails when Origin
// is no URL or the clock is incomplete.
func New(o Options) (*http.Client, error) {
	if o.Clock.Now == nil || o.Clock.Rand == nil {
		return nil, errors.New("transport: a client needs a clock and a source of randomness")
	}
	o = o.withDefaults()
	bearer, err := Bearer(o.Origin, o.Token, o.PlainHosts)
	if err != nil {
		return nil, err
	}
	if o.Base == nil {
		base := NewBase(o.Concurrency, o.RootCAs)
		connectWithin(base, o.ConnectTimeout)
		o.Base = base
	}
	if o.Wrap != nil {
		o.Base = o.Wrap(o.Base)
	}
	p := newPatience(o.GiveUpAfter, o.Waiting, o.Clock)
	g := &gate{clock: o.Clock, patience: p}
	chain := Chain(o.Base,
		journeys(p),            // outermost: one call of the caller is one journey of several attempts
		UserAgent(o.UserAgent), // headers are set once, on a copy
		bearer,
		retry(o.MaxAttempts, p, g), // outside the limit, so that every attempt is paced
		limit(o.Concurrency, o.Rate, o.MaxAttempts, p, g),
		follow(p), // inside both, so that every attempt is noted, counted and traced
		Count(o.Counter),
		Trace(o.Trace, o.Clock),
		Scrub(o.Token),
		Whole(o.MaxBody, o.AttemptTimeout), // innermost, so that a half body is a failed attempt
	)
	return &http.Client{Transport: chain, CheckRedirect: noRedirects}, nil
}

func (o Options) withDefaults() Options {
	orDefault(&o.Concurrency, DefaultConcurrency)
	orDefault(&o.MaxAttempts, DefaultMaxAttempts)
	orDefault(&o.AttemptTimeout, DefaultAttemptTimeout)
	orDefault(&o.ConnectTimeout, DefaultConnectTimeout)
	orDefault(&o.GiveUpAfter, DefaultGiveUpAfter)
	orDefault(&o.MaxBody, DefaultMaxBody)
	return o
}

func orDefault[T int | int64 | time.Duration](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}

func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// roundTrip is a function as a round tripper.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
