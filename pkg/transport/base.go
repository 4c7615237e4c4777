package transport

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"
)

// NewBase returns the connection to the network: TLS 1.2 or newer, idle
// connections kept for as many requests as run at once. Whole bounds the wait
// for an answer. Proxies come from the process environment (HTTPS_PROXY and so
// on), which net/http reads itself, once. A nil roots means the system's
// authorities.
func NewBase(concurrency int, roots *x509.CertPool) *http.Transport {
	base := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConns:           2 * concurrency,
		MaxIdleConnsPerHost:    concurrency,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	connectWithin(base, DefaultConnectTimeout)
	return base
}

// connectWithin bounds the time for a connection, and that for TLS on it.
func connectWithin(base *http.Transport, timeout time.Duration) {
	base.DialContext = (&net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}).DialContext
	base.TLSHandshakeTimeout = timeout
}
