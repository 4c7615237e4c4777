package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/nearest"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

// Subject is what is examined. Texts are empty where they are not known.
type Subject struct {
	SentryURL     string         // without a slash at the end
	DefaultSentry bool           // nobody gave SentryURL
	URLs          *sentry.URLs   // of the organization; nil: none is named
	Release       sentry.Release // to assume where Sentry does not tell its own
	SCIMURL       string         // that is set instead of the one that follows

	AuthentikURL string // without a slash at the end
	Application  string // slug
	MetadataURL  string // where the identity provider serves its metadata
	Issuer       string // that authentik is set to
}

// Doctor examines a Subject. What is nil or empty is not asked; Unavailable then
// says why.
type Doctor struct {
	Subject Subject
	Setup   Setup

	Web    *http.Client                                           // asks Sentry as everybody may
	IDPWeb *http.Client                                           // asks the identity provider as everybody may
	LookUp func(ctx context.Context, address string) []netip.Addr // addresses of the host of a URL; none: it has none here

	SCIM      *scim.Client      // with the SCIM token
	Members   *http.Client      // with a token that may read members
	API       *http.Client      // with the API token
	Authentik *authentik.Client // with authentik's token
	// Integration is what authentik should be; its names may be changed to those
	// of the objects that the application has.
	Integration *integration.Run
	// Drift compares the directory with Sentry, and says in words what a push would
	// change; nothing: "". The error is ErrBudget or context.DeadlineExceeded where it
	// takes too much.
	Drift func(ctx context.Context) (string, error)

	// Metadata is the identity provider's, where it is not to be fetched.
	Metadata []byte
	// Response is one that Sentry was sent; nil: none is judged. Mapping is that of the
	// attributes that Sentry was given; nil: it is not known.
	Response *samlresponse.Response
	Mapping  *samlresponse.Mapping
	// SentryReport is what the script for 'sentry exec' reported of Sentry; nil:
	// nothing is known of what Sentry stored.
	SentryReport *sentryexec.Report

	Unavailable map[Probe]string // why a probe cannot be made
	Requests    func() int       // that were sent
	Now         func() time.Time
	Bound       time.Duration // of each probe

	Only, Skip []string // codes of checks or sides; empty: all, none
}

// Examine reads all that the chosen checks need, judges it and folds what it
// finds. The error is fault.Usage where Only or Skip names no check, and that of
// ctx where it ended.
func (d *Doctor) Examine(ctx context.Context) (*Report, error) {
	chosen, err := choose(d.Only, d.Skip)
	if err != nil {
		return nil, err
	}
	chosen = slices.DeleteFunc(chosen, func(c check) bool { return d.lacks(c.code) && !slices.Contains(d.Only, c.code) })
	began := d.Now()
	f := d.gather(ctx, probesOf(chosen))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var results []Result
	for _, c := range chosen {
		results = append(results, c.run(f)...)
	}
	r := newReport(results)
	if f.served() {
		r.metadata = f.idpXML
	}
	r.StartedAt = began.UTC().Truncate(time.Second)
	if d.Requests != nil {
		r.Requests = d.Requests()
	}
	return r, nil
}

// lacks reports whether a check is about a document that is not given.
func (d *Doctor) lacks(code string) bool {
	switch code {
	case codeResponse:
		return d.Response == nil
	case codeStored, codeReport:
		return d.SentryReport == nil
	}
	return false
}

// check is one question, and how it is answered.
type check struct {
	code   string
	side   Side
	title  string
	needs  []Probe  // without which it cannot be answered
	uses   []Probe  // which tell more
	causes []string // codes that would explain a fault, the likeliest first; they stand before it in the catalogue
	judge  func(*facts) []Result
}

// run judges the facts.
func (c check) run(f *facts) []Result {
	results := []Result(nil)
	for _, p := range c.needs {
		if why := f.unavailable[p]; why != "" && results == nil {
			results = one(unchecked(why).alone())
		}
	}
	if results == nil {
		results = c.judge(f)
	}
	results = merged(results)
	for i := range results {
		r := &results[i]
		r.Check, r.Title, r.Side = c.code, c.title, c.side
		r.Code = strings.TrimSuffix(c.code+"/"+r.Code, "/")
		if !r.own {
			r.causes = append(r.causes, c.causes...)
		}
		if !r.problem() {
			r.Certainty = ""
		}
	}
	return results
}

// maxJoined is how many results of one code are told.
const maxJoined = 10

// merged joins the results that have one code: they have one fix. A file or a
// server can make any number of them.
func merged(results []Result) []Result {
	var list []Result
	at, count := map[string]int{}, map[string]int{}
	for _, r := range results {
		i, known := at[r.Code]
		count[r.Code]++
		switch {
		case !known:
			at[r.Code] = len(list)
			list = append(list, r)
		case count[r.Code] <= maxJoined:
			list[i].Saw += "; " + r.Saw
		}
	}
	for i := range list {
		if more := count[list[i].Code] - maxJoined; more > 0 {
			list[i].Saw += fmt.Sprintf("; and %d more", more)
		}
	}
	return list
}

// Codes lists what Only and Skip take: the sides, and the codes of the checks.
func Codes() []string {
	codes := []string{string(Local), string(Sentry), string(Authentik), string(Both)}
	for _, c := range catalogue() {
		codes = append(codes, c.code)
	}
	return codes
}

// choose returns the checks that are wanted, in the order of the catalogue.
func choose(only, skip []string) ([]check, error) {
	for _, code := range slices.Concat(only, skip) {
		if slices.Contains(Codes(), code) {
			continue
		}
		err := fault.Usagef("unknown check %q", code)
		if near := nearest.Word(code, Codes()); near != "" {
			return nil, fault.Hint(err, "did you mean %s?", near)
		}
		return nil, fault.Hint(err, "expected one of %s", strings.Join(Codes(), ", "))
	}
	named := func(list []string, c check) bool {
		return slices.Contains(list, c.code) || slices.Contains(list, string(c.side))
	}
	chosen := slices.DeleteFunc(catalogue(), func(c check) bool {
		return len(only) > 0 && !named(only, c) || named(skip, c)
	})
	if len(chosen) == 0 {
		return nil, fault.Usagef("no check is left: --skip names all that --only does")
	}
	return chosen, nil
}

func probesOf(checks []check) map[Probe]bool {
	wanted := map[Probe]bool{}
	for _, c := range checks {
		for _, p := range slices.Concat(c.needs, c.uses) {
			wanted[p] = true
		}
	}
	return wanted
}
