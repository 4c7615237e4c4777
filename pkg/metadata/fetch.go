package metadata

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// The bounds of fetching metadata. The time is Sentry's own (safe_urlopen).
const (
	FetchTimeout = 30 * time.Second
	MaxFetched   = maxSize // bytes
)

// Fetch gets IdP metadata as Sentry does: no redirect is followed (Sentry,
// auth/providers/saml2/forms.py over http.py safe_urlopen). client must follow
// no redirects and bound time and size, as transport.New makes it. An answer
// that is not 2xx is an error (code Failed), although Sentry looks at no status,
// which the advice says where Sentry could parse the answer. An answer of
// another kind than metadata, and an address that is no URL to ask, are usage
// errors. Whether Sentry can parse what is returned, [Judge] tells.
func Fetch(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	status, body, err := get(ctx, client, "the metadata URL", address)
	if err != nil {
		return nil, err
	}
	if status < 200 || status > 299 {
		return nil, refused(address, status, body)
	}
	return body, filekind.Check(filekind.Metadata, fault.Harmless(address), body)
}

// refused makes an error of an answer that is no success.
func refused(address string, status int, body []byte) error {
	words := fmt.Sprintf("fetch %s: answered %d %s", fault.Harmless(address), status, http.StatusText(status))
	kind := filekind.Of(body)
	if kind != filekind.Empty {
		words += " with " + string(kind)
	}
	err := fault.New(fault.Failed, "%s", words)
	if _, wrong := Parse(body); wrong == nil && kind == filekind.Metadata {
		return fault.Hint(err, "Sentry does not look at the status and would take this metadata all the same; check the address, or what answers there")
	}
	return fault.Hint(err, "check the address: IdPs show it as the metadata URL, and it must need no login")
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
		return 0, nil, fault.New(fault.Failed, "fetch %s: %w", fault.Harmless(address), err)
	}
	if location := resp.Header.Get("Location"); location != "" && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		to := &redirect{target(resp.Request.URL, location)}
		return resp.StatusCode, nil, fault.Hint(fault.New(fault.Failed, "fetch %s: %w", fault.Harmless(address), to),
			"Sentry follows no redirect: give it an address that answers by itself, or paste the XML")
	}
	return resp.StatusCode, body, nil
}

func unanswered(ctx context.Context, address string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	words, advice := transport.Explain(err)
	failed := fault.New(fault.Failed, "fetch %s: %s", fault.Harmless(address), words)
	if _, private := errors.AsType[x509.UnknownAuthorityError](err); private {
		advice = "if its authority is your own, name the authority's certificate with --ca-file"
	}
	if advice == "" {
		return failed
	}
	return fault.Hint(failed, "%s", advice)
}

// target is the address of a redirect, without credentials and query.
func target(from *url.URL, location string) string {
	to, err := from.Parse(location)
	if err != nil {
		return "an address that is none"
	}
	return fault.Harmless(to.String())
}
