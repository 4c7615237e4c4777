package metadata

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// The bounds of fetching metadata. The time is Sentry's own (safe_urlopen).
const (
	FetchTimeout = 30 * time.Second
	MaxFetched   = maxSize // bytes
)

// Fetch gets IdP metadata as Sentry does: no redirect is followed, and a status
// says nothing where the body can be parsed (Sentry,
// auth/providers/saml2/forms.py over http.py safe_urlopen). client must follow
// no redirects and bound time and size, as transport.New makes it. An error
// (code Failed, with advice) means that Sentry would fail too; one of code Usage
// that address is no URL to ask.
func Fetch(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	status, body, err := get(ctx, client, "the metadata URL", address)
	if err != nil {
		return nil, err
	}
	if _, err := Parse(body); err != nil {
		if status != http.StatusOK {
			return nil, fault.Hint(fault.New(fault.Failed, "fetch %s: it answered %d %s", address, status, http.StatusText(status)),
				"check the address: IdPs show it as the metadata URL, and it must need no login")
		}
		return nil, err
	}
	return body, nil
}

// redirect is an answer that points elsewhere.
type redirect struct{ to string }

// Error says where it points.
func (r *redirect) Error() string { return "it redirects to " + ui.Printable(r.to) }

func get(ctx context.Context, client *http.Client, what, address string) (status int, body []byte, err error) {
	if err := checkLocation(what, address); err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, unanswered(ctx, address, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err = transport.ReadAll(resp, MaxFetched); err != nil {
		return 0, nil, fault.New(fault.Failed, "fetch %s: %w", address, err)
	}
	if location := resp.Header.Get("Location"); location != "" && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		to := &redirect{target(resp.Request.URL, location)}
		return resp.StatusCode, nil, fault.Hint(fault.New(fault.Failed, "fetch %s: %w", address, to),
			"Sentry follows no redirect: give it an address that answers by itself, or paste the XML")
	}
	return resp.StatusCode, body, nil
}

func unanswered(ctx context.Context, address string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	words, advice := transport.Explain(err)
	failed := fault.New(fault.Failed, "fetch %s: %s", address, words)
	if _, private := errors.AsType[x509.UnknownAuthorityError](err); private {
		advice = "if its authority is your own, name the authority's certificate with --ca-file"
	}
	if advice == "" {
		return failed
	}
	return fault.Hint(failed, "%s", advice)
}

// target is the whole address of a redirect, without credentials.
func target(from *url.URL, location string) string {
	to, err := from.Parse(location)
	if err != nil {
		return "an address that is none"
	}
	to.User = nil
	return to.String()
}
