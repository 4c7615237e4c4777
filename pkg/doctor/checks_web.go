package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// words is an error in one line.
func words(err error) string {
	if refused, ok := errors.AsType[*sentryapi.APIError](err); ok {
		return refusal(refused)
	}
	if late(err) {
		return "no answer in time"
	}
	text, _ := transport.Explain(err)
	return fault.Harmless(text)
}

// isTLS reports whether a server was reached and its certificate refused.
func isTLS(err error) bool {
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return authority || name || invalid || speaksNoTLS(err)
}

func speaksNoTLS(err error) bool {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	return record || errors.Is(err, http.ErrSchemeMismatch)
}

// reach judges whether anything answers. A certificate that is refused is another
// check's fault.
func reach(v *visit, setting string) []Result {
	if v.err == nil || isTLS(v.err) {
		return one(fine(v.address.Host + " answers"))
	}
	if errors.Is(v.err, ErrBudget) {
		return one(unchecked(words(v.err)))
	}
	saw, advice := transport.Explain(v.err)
	saw = v.address.Host + ": " + saw
	wanted := "an answer of " + v.place()
	dns, isDNS := errors.AsType[*net.DNSError](v.err)
	netErr, isNet := errors.AsType[net.Error](v.err)
	switch {
	case isDNS && dns.IsNotFound:
		return one(fail("unknown-host", saw, wanted, "check "+setting+", and the DNS of this machine"))
	case isDNS:
		return one(fail("dns", saw, wanted, "check the DNS settings of this machine").sure(Likely))
	case errors.Is(v.err, syscall.ECONNREFUSED):
		return one(fail("refused", saw, wanted, "see that the server runs, and check host and port in "+setting))
	case late(v.err) || errors.Is(v.err, transport.ErrSlow) || errors.Is(v.err, context.DeadlineExceeded) || isNet && netErr.Timeout():
		return one(fail("silent", v.address.Host+" gave no answer in time", wanted, "see whether the server is overloaded, and whether a firewall or a proxy is between it and this machine").sure(Possible))
	}
	if advice == "" {
		advice = "look at the server and what is in front of it"
	}
	return one(fail("broken", saw, wanted, advice).sure(Possible))
}

// soon is how long before its end a server's certificate is warned of: those that
// renew themselves have been renewed by then. One that lives shortly is warned of
// in the last tenth of its life.
const soon = 14 * 24 * time.Hour

func certificate(f *facts, v *visit, caFile string) []Result {
	host := v.address.Hostname()
	wanted := "a certificate for " + host + " that a trusted authority signed and that is valid now"
	if v.err != nil && !isTLS(v.err) {
		return one(unchecked("there was no connection"))
	}
	if v.err != nil {
		saw, _ := transport.Explain(v.err)
		return one(tlsFault(v, saw, wanted, caFile))
	}
	if v.address.Scheme == "http" {
		if isLoopback(host) {
			return one(fine("plain http, which does not leave this machine"))
		}
		return one(warn("plain-http", v.place()+" is plain http", "https", "serve it by https: SAML responses and tokens can be read on the way"))
	}
	if v.leaf == nil {
		return one(unchecked("the connection does not tell the certificate"))
	}
	left, life := v.leaf.NotAfter.Sub(f.now), v.leaf.NotAfter.Sub(v.leaf.NotBefore)
	until := "the certificate of " + host + " is valid until " + v.leaf.NotAfter.UTC().Format(time.RFC3339)
	if left < soon && left < life/10 {
		return one(warn("ends-soon", until, wanted, "renew it, and see why it was not renewed by itself"))
	}
	return one(fine(until))
}

func tlsFault(v *visit, saw, wanted, caFile string) Result {
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](v.err)
	_, isName := errors.AsType[x509.HostnameError](v.err)
	_, isAuthority := errors.AsType[x509.UnknownAuthorityError](v.err)
	saw = v.address.Host + ": " + saw
	switch {
	case isInvalid && invalid.Reason == x509.Expired:
		return fail("expired", saw, wanted, "renew the certificate of the server, and check the clock of this machine").sure(Likely)
	case isName:
		return fail("host-name", saw, wanted, "use a name that the certificate has, or give the server a certificate for "+v.address.Hostname())
	case isAuthority:
		return fail("authority", saw, wanted,
			"if the authority is your own, name its certificate in "+caFile+", and give it to the other product too; otherwise let the server send its whole chain").sure(Likely)
	case speaksNoTLS(v.err):
		return fail("no-tls", saw, wanted, "use the port that speaks TLS")
	}
	return fail("invalid", saw, wanted, "give the server a certificate for its name").sure(Likely)
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

// The tolerances of clocks. Sentry's SAML library allows five minutes
// (python3-saml, constants.py ALLOWED_CLOCK_DRIFT).
const (
	clockWarn = time.Minute
	clockFail = 5 * time.Minute
)

// clocks compares the clocks of both servers with each other and with the one
// here.
func clocks(f *facts) []Result {
	s, i := &f.sentry, &f.idp
	apart := s.ahead - i.ahead
	switch {
	case s.dated && i.dated && apart.Abs() > clockWarn:
		return one(apartFault(s.ahead, i.ahead))
	case s.dated && i.dated && s.ahead.Abs() > clockWarn:
		return one(warn("here", fmt.Sprintf("the clocks of Sentry and of the identity provider agree, and that of this machine differs by %s", s.ahead.Abs()),
			"clocks that agree", "set the clock of this machine by NTP"))
	case s.dated && i.dated:
		return one(fine("the clocks of Sentry, of the identity provider and of this machine agree"))
	case s.dated:
		return alone("Sentry", s.ahead)
	case i.dated:
		return alone("the identity provider", i.ahead)
	}
	return one(unchecked("no server told its time"))
}

func alone(who string, ahead time.Duration) []Result {
	if ahead.Abs() > clockWarn {
		return one(warn("here", fmt.Sprintf("the clocks of %s and of this machine differ by %s", who, ahead.Abs()), "clocks that agree",
			"set both clocks by NTP").sure(Possible))
	}
	return one(fine("the clocks of " + who + " and of this machine agree"))
}

func apartFault(s, i time.Duration) Result {
	detail, fix := "apart", "set the clocks of both servers by NTP"
	switch {
	case s.Abs() <= clockWarn:
		detail, fix = "idp", "set the clock of the identity provider's server by NTP"
	case i.Abs() <= clockWarn:
		detail, fix = "sentry", "set the clock of Sentry's server by NTP"
	}
	r := warn(detail, fmt.Sprintf("the clocks of Sentry and of the identity provider differ by %s (by their Date headers)", (s-i).Abs()),
		fmt.Sprintf("a difference below %s: beyond %s Sentry says \"Could not validate timestamp\"", clockWarn, clockFail), fix).sure(Likely)
	if (s - i).Abs() > clockFail {
		r.Verdict = Failed
	}
	return r
}
