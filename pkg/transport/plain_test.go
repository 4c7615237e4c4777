package transport_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func TestATokenGoesOverPlainHTTPOnlyToLoopbackAndNamedHosts(t *testing.T) {
	t.Parallel()
	hosts := []string{"Sentry.internal", "10.0.0.7", "FD00::1"}
	for address, allowed := range map[string]bool{
		"https://sentry.io":                  true,
		"HTTPS://sentry.test:8443/x":         true,
		"http://127.0.0.1:9000":              true,
		"http://127.8.8.8":                   true,
		"http://[::1]:9000":                  true,
		"http://[::ffff:127.0.0.1]":          true,
		"http://LOCALHOST:9000":              true,
		"http://sentry.INTERNAL:9000":        true,
		"http://10.0.0.7":                    true,
		"http://[fd00::1]/api":               true,
		"http://sentry.io":                   false,
		"http://localhost.evil.test":         false,
		"http://evil.localhost":              false,
		"http://127.0.0.1.evil.test":         false,
		"http://evil.test/127.0.0.1":         false,
		"http://x.sentry.internal":           false,
		"http://10.0.0.70":                   false,
		"http://0.0.0.0:9000":                false,
		"http://169.254.169.254/latest":      false,
		"ftp://sentry.test":                  false,
		"http://sentry.test/?token=canary_q": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		err = transport.CheckPlain(u, hosts)
		if allowed != (err == nil) {
			t.Errorf("%s: %v", address, err)
		}
		_, clientErr := transport.New(transport.Options{Origin: address, Token: secret.New(canary), PlainHosts: hosts, Clock: clock()})
		if allowed != (clientErr == nil) {
			t.Errorf("a client of %s: %v", address, clientErr)
		}
		if err != nil && (fault.CodeOf(err) != fault.Usage || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: code %d: %v", address, fault.CodeOf(err), err)
		}
	}
	if _, err := transport.New(transport.Options{Origin: "http://sentry.test", Clock: clock()}); err != nil {
		t.Errorf("without a token: %v", err)
	}
}
