package metadata

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func reachRules() []Rule {
	return []Rule{
		{
			"invalid-metadata-url", Error, "The metadata's URL is none that Sentry takes", `answers "Enter a valid URL."`,
			"give the metadata a host name with a dot, or paste the XML into Sentry",
		},
		{
			"private-address", Warning, "The metadata is served from a private address",
			"cannot fetch it: SaaS does not reach it, and self-hosted from 25.9 refuses private and reserved addresses",
			"paste the XML into Sentry, or (self-hosted) change SENTRY_DISALLOWED_IPS",
		},
		{
			"plain-http", Warning, "The metadata is fetched by plain http", "trusts whatever arrives, and whoever sits on the way decides who gets in",
			"serve the metadata by https",
		},
	}
}

// Reach says what will fail when Sentry fetches metadata from address, which
// resolves to ips here: its form takes full host names alone, and self-hosted
// from 25.9.0 asks no private address (Sentry, conf/server.py
// SENTRY_DISALLOWED_IPS). Findings have no line.
func Reach(address string, ips []netip.Addr) []Finding {
	var l linter
	u, err := url.Parse(address)
	if err != nil || !sentry.IsFormURL(address) {
		l.add("invalid-metadata-url", 0, "%s is no URL that Sentry's form takes", shownAddress(address))
	}
	if err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		l.add("plain-http", 0, "%s is plain http", shownAddress(address))
	}
	for _, ip := range ips {
		if isReserved(ip) {
			l.add("private-address", 0, "%s is at %s, a private or reserved address", u.Hostname(), ip.Unmap())
			break
		}
	}
	return l.findings
}

// isReserved follows Sentry's default SENTRY_DISALLOWED_IPS.
func isReserved(ip netip.Addr) bool {
	ip = ip.Unmap()
	for _, block := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::1/128", "64:ff9b::/96", "100::/64", "2001::/32", "2001:20::/28", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8",
	} {
		if netip.MustParsePrefix(block).Contains(ip) {
			return true
		}
	}
	return false
}

// reasonOf is what Sentry's form says of the fields, in the order it has them,
// or empty where it stores them (Sentry, auth/providers/saml2/forms.py).
func reasonOf(s Stored) string {
	var problems []string
	complain := func(field, value string, url, required bool) {
		switch {
		case strings.TrimSpace(value) == "" && required:
			problems = append(problems, field+": This field is required.")
		case strings.TrimSpace(value) != "" && url && !sentry.IsFormURL(value):
			problems = append(problems, field+": Enter a valid URL.")
		}
	}
	complain("entity_id", s.EntityID, false, true)
	complain("sso_url", s.SSOURL, true, true)
	complain("slo_url", s.SLOURL, true, false)
	complain("x509cert", s.X509Cert, false, true)
	if len(problems) == 0 {
		return ""
	}
	return "Invalid metadata: " + strings.Join(problems, ", ")
}
