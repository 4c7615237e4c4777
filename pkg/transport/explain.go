package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime"
)

// Explain says in words why a request got no answer, and what may help; the
// advice is empty where nothing is known to help. The words hold hosts and
// ports but never a query, a header or credentials.
func Explain(err error) (words, advice string) {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // url.Error repeats the URL, with its query
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "it was cancelled", ""
	case errors.Is(err, context.DeadlineExceeded):
		return "the time for it ran out", "allow more with --timeout"
	case errors.Is(err, ErrSlow), errors.Is(err, ErrTooLarge):
		return err.Error(), ""
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server speaks plain HTTP on this port", "use http:// or the port that speaks TLS"
	}
	if words, advice = explainTLS(err); words != "" {
		return words, advice
	}
	return explainNetwork(err)
}

func explainTLS(err error) (words, advice string) {
	if e, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate cannot be trusted: " + e.Error(),
			trustAdvice(runtime.GOOS)
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return e.Error(), "use the host name the certificate was made for"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return "its certificate is not valid: " + e.Error(), "renew the server's certificate, and check the clock here"
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "it does not speak TLS: " + e.Msg, "use http:// or the port that speaks TLS"
	}
	return "", ""
}

// trustAdvice names SSL_CERT_FILE only where crypto/x509 reads it (root_unix.go):
// macOS and Windows ask the system.
func trustAdvice(goos string) string {
	const install = "install the authority's certificate on this system"
	if goos == "darwin" || goos == "windows" {
		return install
	}
	return install + ", or name it in SSL_CERT_FILE"
}

func explainNetwork(err error) (words, advice string) {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		if e.IsNotFound {
			return "no such host: " + e.Name, "check the host name"
		}
		return "the name " + e.Name + " could not be looked up: " + e.Err, "check the DNS settings"
	}
	switch {
	case refused(err):
		return "connection refused" + at(err), "check host and port, and that the server runs"
	case broken(err):
		return "the connection broke before the whole answer had come", ""
	case timedOut(err):
		return "timeout" + at(err), "check that this machine may reach the server (firewall, proxy)"
	}
	return err.Error(), ""
}

func at(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Addr != nil {
		return " at " + e.Addr.String()
	}
	return ""
}

// transient reports whether err may pass by itself. Before any answer has come
// (reached), a host that is unknown or refuses is a wrong address.
func transient(err error, reached bool) bool {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, http.ErrSchemeMismatch) {
		return false
	}
	if words, _ := explainTLS(err); words != "" {
		return false
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		switch e.Op {
		case "dial":
			return reached
		case "remote error", "local error": // crypto/tls: one side refused the handshake
			return false
		}
	}
	return true
}
