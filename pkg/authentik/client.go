// Package authentik speaks the part of authentik's API (/api/v3) that the Sentry
// integration needs, reads the people that an application is for, and knows
// which fields which release understands. It never sees the token, which
// pkg/transport sends.
package authentik

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// The defaults of a client. authentik gives at most 100 objects a page unless
// its system settings say otherwise (pagination_max_page_size).
const (
	DefaultPageSize = 100
	DefaultReaders  = 8
	maxBody         = 64 << 20
	apiPath         = "api/v3"
)

// Client calls authentik's API. It may be used from several goroutines.
type Client struct {
	base     *url.URL // ends in /api/v3
	http     *http.Client
	pageSize int
	readers  int
	once     *readOnce // nil: people are read each time

	asked        sync.Mutex
	capabilities *Capabilities // once they were asked for
}

// Option changes a client that New makes.
type Option func(*Client)

// PageSize asks for n objects a page instead of 100. What comes back decides:
// authentik caps it by its system settings.
func PageSize(n int) Option {
	return func(c *Client) { c.pageSize = n }
}

// Readers lets n pages of a list be read, and n people be asked for, at once.
func Readers(n int) Option {
	return func(c *Client) { c.readers = n }
}

// New returns a client for the authentik at baseURL, with the path under which
// it is served, over the given HTTP client. It follows no redirects, whatever
// the HTTP client does. A URL that is no plain http or https URL is a usage
// error.
func New(baseURL string, httpClient *http.Client, options ...Option) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(baseURL), "/"))
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, badBase("is no http or https URL")
	case base.User != nil:
		return nil, badBase("holds credentials")
	case base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, badBase("has a query or a fragment")
	}
	if !strings.HasSuffix(base.Path, "/"+apiPath) {
		base = base.JoinPath(apiPath)
	}
	plain := *httpClient
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{base: base, http: &plain, pageSize: DefaultPageSize, readers: DefaultReaders}
	for _, option := range options {
		option(c)
	}
	c.pageSize, c.readers = max(1, c.pageSize), max(1, c.readers)
	return c, nil
}

// badBase does not repeat the URL, which may hold a secret.
func badBase(problem string) error {
	return fault.Hint(fault.Usagef("the address of authentik %s", problem),
		"it looks like https://authentik.example.com; see authentik.url")
}

// URL returns where authentik is served, without a slash at the end.
func (c *Client) URL() string { return strings.TrimSuffix(c.base.String(), "/"+apiPath) }

// request is one call. The path is below /api/v3 and ends in a slash, as all of
// authentik's do; need is the permission without which it is answered 403.
type request struct {
	method string
	path   string
	query  url.Values
	body   any
	need   string
}

// call sends r and decodes the answer into out; a nil out wants success alone.
func (c *Client) call(ctx context.Context, r request, out any) error {
	req, err := c.build(ctx, r)
	if err != nil {
		return err
	}
	where := place{method: r.method, path: req.URL.EscapedPath(), base: c.URL(), need: r.need}
	resp, err := c.http.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		return where.unreachable(err)
	}
	body, err := transport.ReadAll(resp, maxBody)
	if err != nil {
		return where.unreachable(err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return where.refused(resp, body)
	}
	return where.decode(resp.StatusCode, body, out)
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	target := c.base.JoinPath(r.path)
	target.RawQuery = r.query.Encode()
	var body bytes.Buffer
	if r.body != nil {
		if err := json.NewEncoder(&body).Encode(r.body); err != nil {
			return nil, fmt.Errorf("encode the body of %s %s: %w", r.method, r.path, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), bytes.NewReader(body.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.method == http.MethodPatch { // a PATCH of authentik sets fields to values
		transport.MarkIdempotent(req)
	}
	return req, nil
}
