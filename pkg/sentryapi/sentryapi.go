// Package sentryapi speaks the part of Sentry's own API (/api/0/, not SCIM) that
// tells who has access: members, teams with their projects and roles, the auth
// provider and the audit log. It knows which scope each call needs, and never sees
// the token, which pkg/transport sends.
package sentryapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// The bounds of a client. Sentry's pages have at most 100 entries
// (api/paginator.py MAX_LIMIT).
const (
	PageSize        = 100
	DefaultMaxPages = 10_000
	DefaultMaxBytes = 1 << 30
	maxBody         = 64 << 20
)

// Client calls one organization's part of the API. It may be used from several
// goroutines.
type Client struct {
	base     *url.URL // where Sentry is served
	org      string
	http     *http.Client
	maxPages int
	maxBytes int64
}

// Option changes a client that New makes.
type Option func(*Client)

// MaxPages bounds the pages that are read of one list; a longer list is a
// TooManyError.
func MaxPages(n int) Option { return func(c *Client) { c.maxPages = n } }

// MaxBytes bounds the bytes that are read of one list.
func MaxBytes(n int64) Option { return func(c *Client) { c.maxBytes = n } }

// New returns a client for an organization (slug or number) of the Sentry at
// baseURL, over the given HTTP client. It follows no redirects, whatever the HTTP
// client does. A URL that is not http or https, and an empty organization, are
// usage errors.
func New(baseURL, org string, httpClient *http.Client, options ...Option) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(baseURL), "/"))
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, badBase("must be an http or https URL")
	case base.User != nil:
		return nil, badBase("must not hold credentials")
	case base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, badBase("must not have a query or a fragment")
	case org == "":
		return nil, fault.Hint(fault.Usagef("no organization is named"), "pass --org SLUG, or set sentry.org")
	}
	plain := *httpClient
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{base: base, org: org, http: &plain, maxPages: DefaultMaxPages, maxBytes: DefaultMaxBytes}
	for _, option := range options {
		option(c)
	}
	return c, nil
}

// badBase does not repeat the URL, which may hold a secret.
func badBase(problem string) error {
	return fault.Hint(fault.Usagef("the address of Sentry %s", problem), "it looks like https://sentry.io; see sentry.url")
}

// request is one call. Path is below /api/0/; its parts are escaped, and it ends in
// a slash, as all of Sentry's do but SCIM's. Need names the scopes, one of which the
// call takes.
type request struct {
	method string
	path   []string
	query  url.Values
	body   any
	need   string
	again  bool // a POST that may be sent again: it adds nothing the second time
}

// organization is the path of a part of the organization.
func (c *Client) organization(parts ...string) []string {
	return append([]string{"organizations", c.org}, parts...)
}

// result is an answer that is a success.
type result struct {
	status int
	header http.Header
	body   []byte
}

// call sends r and returns the answer, if it is a success.
func (c *Client) call(ctx context.Context, r request) (result, error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return result{}, err
	}
	where := c.place(r, req)
	resp, err := c.http.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		return result{}, where.unreachable(err)
	}
	body, err := transport.ReadAll(resp, maxBody)
	if err != nil {
		return result{}, where.unreachable(err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return result{}, where.refused(resp, body)
	}
	return result{resp.StatusCode, resp.Header, body}, nil
}

// read sends r and decodes the answer into out. No content leaves out as it is.
func (c *Client) read(ctx context.Context, r request, out any) error {
	got, err := c.call(ctx, r)
	if err != nil || got.status == http.StatusNoContent {
		return err
	}
	return c.place(r, nil).decode(got.status, got.body, out)
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	var body bytes.Buffer
	if r.body != nil {
		if err := json.NewEncoder(&body).Encode(r.body); err != nil {
			return nil, fmt.Errorf("encode the body of a %s: %w", r.method, err)
		}
	}
	target := c.base.String() + pathOf(r)
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(body.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", err)
	}
	if r.again {
		transport.MarkIdempotent(req)
	}
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// pathOf is the path of a request below the base, from /api/0/ to its slash.
func pathOf(r request) string {
	parts := make([]string, 0, len(r.path))
	for _, part := range r.path {
		parts = append(parts, url.PathEscape(part))
	}
	return "/api/0/" + strings.Join(parts, "/") + "/"
}
