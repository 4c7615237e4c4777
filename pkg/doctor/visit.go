package doctor

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// maxVisit bounds what is read of one page, in bytes.
const maxVisit = 1 << 20

// visit is what a request to one address came to.
type visit struct {
	address  *url.URL
	err      error             // there was no answer
	status   int               // HTTP status
	location *url.URL          // that a redirect leads to
	leaf     *x509.Certificate // of the server; nil over plain http
	body     []byte

	dated bool          // the answer tells the server's time
	ahead time.Duration // by which the server's clock is ahead of the one here
}

// pay makes a request to an address, and follows no redirect.
func pay(ctx context.Context, client *http.Client, now func() time.Time, address string) visit {
	u, err := url.Parse(address)
	if err != nil {
		return visit{address: &url.URL{}, err: fault.Usagef("it is not a URL")} // the parser's words repeat the text
	}
	v := visit{address: u}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		v.err = err
		return v
	}
	began := now()
	resp, err := client.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		v.err = err
		return v
	}
	took := now().Sub(began)
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		v.leaf = resp.TLS.PeerCertificates[0]
	}
	v.readClock(resp.Header, began.Add(took/2))
	v.status = resp.StatusCode
	if location, err := resp.Location(); err == nil && v.redirects() {
		v.location = location
	}
	if v.body, err = transport.ReadAll(resp, maxVisit); err != nil {
		v.err = err
	}
	return v
}

// farthest is what a clock can differ by at most, so that a difference of two of
// them is one.
const farthest = 100 * 365 * 24 * time.Hour

// readClock compares the server's Date, which is cut to the second, with the time
// here in the middle of the request. A cache keeps the Date, and says how old it is
// (RFC 9111, section 5.1).
func (v *visit) readClock(h http.Header, middle time.Time) {
	const half = 500 * time.Millisecond
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		date = date.Add(time.Duration(age) * time.Second)
	}
	v.dated, v.ahead = true, min(farthest, max(-farthest, date.Add(half).Sub(middle).Round(time.Second)))
}

func (v *visit) redirects() bool { return v.status >= 300 && v.status < 400 }

// answered reports whether the server itself said something about the address.
func (v *visit) answered() bool { return v.err == nil && !v.redirects() }

// place is the address without credentials and query.
func (v *visit) place() string { return fault.Harmless(v.address.String()) }
