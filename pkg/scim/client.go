// Package scim speaks SCIM 2.0 (RFC 7643, RFC 7644) with Sentry's dialect of
// it: what its lists, conflicts and error bodies look like, and which calls may
// be repeated. It knows what Sentry answers, not what ought to be there, and it
// never sees the token, which pkg/transport sends.
package scim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// The defaults of a client. Sentry answers 100 entries a page by default
// (core/endpoints/scim/constants.py).
const (
	DefaultPageSize = 100
	DefaultReaders  = 8
	maxBody         = 64 << 20
	maxPosts        = 20 // how often a POST whose answer was lost is sent; while nothing is answered, the budget of retries ends it sooner
	maxLooks        = 3  // how often it is looked for in between, at most
)

// Client calls one organization's SCIM endpoints. It may be used from several
// goroutines.
type Client struct {
	base     *url.URL
	http     *http.Client
	backoff  transport.Backoff
	pageSize int
	large    *atomic.Bool // whether large pages of members may be asked for
	readers  int
	watch    func(list string, read, total int)
}

// Option changes a client that New makes.
type Option func(*Client)

// PageSize asks for n entries a page instead of 100. What comes back decides:
// Sentry does not cap it, a server that does is paged through at its own size.
func PageSize(n int) Option {
	return func(c *Client) { c.pageSize = n }
}

// Readers lets n pages of a list be read at once after the first.
func Readers(n int) Option {
	return func(c *Client) { c.readers = n }
}

// Clock sets where the waits before a repeated POST take time and chance from.
// Without it a POST is repeated without a wait.
func Clock(clock transport.Clock) Option {
	return func(c *Client) { c.backoff = transport.NewBackoff(clock) }
}

// New returns a client for the SCIM base URL, which ends in "/scim/v2" (Sentry
// shows it in Settings > Auth), over the given HTTP client. It follows no
// redirects, whatever the HTTP client does. A URL that is no plain http or
// https URL is a usage error.
func New(baseURL string, httpClient *http.Client, options ...Option) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(baseURL), "/"))
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, badBase("must be an http or https URL")
	case base.User != nil:
		return nil, badBase("must not hold credentials")
	case base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, badBase("must not have a query or a fragment")
	}
	plain := *httpClient
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{base: base, http: &plain, large: &atomic.Bool{}, pageSize: DefaultPageSize, readers: DefaultReaders}
	for _, option := range options {
		option(c)
	}
	c.large.Store(true)
	c.pageSize, c.readers = max(1, c.pageSize), max(1, c.readers)
	return c, nil
}

// Watched returns the client with a function that follows its reading of lists:
// watch is called after each page with the number of entries of the list,
// "members" or "teams", that are read, and the number there are. It is called
// from several goroutines, one at a time. A list that changes is read again from 0.
func (c *Client) Watched(watch func(list string, read, total int)) *Client {
	watched := *c
	watched.watch = watch
	return &watched
}

// badBase does not repeat the URL, which may hold a secret.
func badBase(problem string) error {
	return fault.Hint(fault.Usagef("the SCIM base URL %s", problem),
		"it looks like https://sentry.io/api/0/organizations/acme/scim/v2; see sentry.scim.url, sentry.url and sentry.org")
}

// request is one call. Only what is idempotent may be sent again by itself.
type request struct {
	method     string
	path       []string
	query      url.Values
	body       any
	idempotent bool
}

// call sends r and decodes the answer into out; a nil out wants success alone.
func (c *Client) call(ctx context.Context, r request, out any) (status int, err error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return 0, err
	}
	where := c.place(r)
	resp, err := c.http.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		return 0, where.unreachable(err)
	}
	body, err := transport.ReadAll(resp, maxBody)
	if err != nil {
		return resp.StatusCode, where.unreachable(err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, where.refused(resp, body)
	}
	return resp.StatusCode, where.decode(resp.StatusCode, body, out)
}

// exchange sends r and returns the resource that is the answer.
func exchange[W wire[T], T any](ctx context.Context, c *Client, r request) (T, error) {
	var got W
	status, err := c.call(ctx, r, &got)
	if err != nil {
		var none T
		return none, err
	}
	item, err := got.resource()
	if err != nil {
		return item, c.place(r).unreadable(status, err.Error())
	}
	return item, nil
}

// place is where r goes.
func (c *Client) place(r request) place {
	return place{method: r.method, path: c.base.JoinPath(r.path...).EscapedPath(), base: c.base.String()}
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	target := c.base.JoinPath(r.path...)
	target.RawQuery = r.query.Encode()
	var body bytes.Buffer
	if r.body != nil {
		if err := json.NewEncoder(&body).Encode(r.body); err != nil {
			return nil, fmt.Errorf("encode the body of %s: %w", r.method, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), bytes.NewReader(body.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", err)
	}
	req.Header.Set("Accept", "application/scim+json, application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	if r.idempotent {
		transport.MarkIdempotent(req)
	}
	return req, nil
}
