package metadata

import (
	"crypto/x509"
	"net/url"
	"strings"
	"time"

	"github.com/crewjam/saml"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// lintDocument looks at what holds the entity: IDs, times, signatures.
func (l *linter) lintDocument(metadata []byte) {
	seen := map[string]int{}
	l.root.walk(func(el *element) {
		id := el.attr("ID")
		if id == "" {
			return
		}
		if first, found := seen[id]; found && first > 0 {
			l.add("duplicate-id", el.line, "the ID %q stands on line %d already", id, first)
			seen[id] = 0 // told once, however often
		} else if !found {
			seen[id] = el.line
		}
	})
	l.root.walk(func(el *element) {
		if el.name.Space == nsMetadata {
			l.lintValidUntil(el)
		}
	})
	l.lintSignatures(metadata)
}

func (l *linter) lintValidUntil(el *element) {
	text := el.attr("validUntil")
	if text == "" {
		return
	}
	until, err := parseInstant(text)
	switch {
	case err != nil:
		l.add("valid-until", el.line, "validUntil is %q, wanted a time", text)
	case until.Before(l.from.Now):
		l.add("metadata-expired", el.line, "the metadata was valid until %s", until.UTC().Format(time.RFC3339))
	}
}

// parseInstant reads an xs:dateTime, which without a zone is UTC in SAML (SAML
// core, 1.3.3).
func parseInstant(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
		return at, nil
	}
	return time.Parse(time.RFC3339, text)
}

func (l *linter) lintSignatures(metadata []byte) {
	var own []*x509.Certificate
	for _, c := range l.certificates {
		if c.parsed != nil {
			own = append(own, c.parsed)
		}
	}
	places := l.root.outermost(nsSignature, "Signature")
	if len(places) == 0 {
		return
	}
	for i, s := range checkSignatures(metadata, own) {
		line := places[min(i, len(places)-1)].line
		if s.sha1 {
			l.add("sha1-signature", line, "the signature uses SHA-1")
		}
		if s.code != "" {
			l.add(s.code, line, "%s", s.words)
		}
	}
}

// lintEntity looks at who the metadata speaks of.
func (l *linter) lintEntity() {
	if l.entity == nil {
		l.add("no-entity", l.root.line, "there is no EntityDescriptor in the namespace %s", nsMetadata)
		return
	}
	entities := 0
	l.root.walk(func(el *element) {
		if el.is(nsMetadata, "EntityDescriptor") {
			entities++
		}
	})
	id := l.entity.attr("entityID")
	if entities > 1 {
		l.add("several-entities", l.entity.line, "there are %d entities, of which %q is the first", entities, id)
	}
	if l.idp == nil {
		l.add("not-an-idp", l.entity.line, "the first EntityDescriptor, %q, has no IDPSSODescriptor", id)
		return
	}
	if n := len(l.entity.all(nsMetadata, "IDPSSODescriptor")); n > 1 {
		l.add("several-roles", l.idp.line, "there are %d IDPSSODescriptors", n)
	}
	if want := strings.TrimSpace(l.idp.attr("WantAuthnRequestsSigned")); want == "true" || want == "1" {
		l.add("wants-signed-requests", l.idp.line, "WantAuthnRequestsSigned is %s", want)
	}
	l.lintEntityID(id)
}

// lintEntityID knows authentik: its issuer was the same for all before 2026.5,
// and is the metadata's URL, as the request names its host, since.
func (l *linter) lintEntityID(id string) {
	switch {
	case strings.TrimSpace(id) == "":
		l.add("no-entity-id", l.entity.line, "the EntityDescriptor has no entityID")
	case id == oldIssuer:
		l.add("entity-id-shared", l.entity.line, "the entity ID is %q, authentik's default before 2026.5", id)
	case l.from.URL != "" && isAuthentik(id) && id != l.from.URL:
		l.add("entity-id-differs", l.entity.line, "the entity ID is %s, and the metadata came from %s", id, l.from.URL)
	case !isAbsolute(id):
		l.add("entity-id-no-url", l.entity.line, "the entity ID is %q", id)
	}
}

// isAbsolute reports whether id is a URL or URN, as it should be (SAML core, 8.3.6).
func isAbsolute(id string) bool {
	u, err := url.Parse(strings.TrimSpace(id))
	return err == nil && u.IsAbs()
}

func isAuthentik(id string) bool {
	u, err := url.Parse(id)
	return err == nil && strings.Contains(u.Path, "/application/saml/")
}

// lintEndpoints looks at where people are sent.
func (l *linter) lintEndpoints() {
	if l.idp == nil {
		return
	}
	sso := l.idp.all(nsMetadata, "SingleSignOnService")
	redirects := 0
	for _, endpoint := range sso {
		if endpoint.attr("Binding") == saml.HTTPRedirectBinding {
			redirects++
		}
	}
	used := redirectEndpoint(l.idp, "SingleSignOnService")
	switch {
	case used == nil:
		l.add("no-redirect-sso", l.idp.line, "of the SingleSignOnServices (%d) none is for HTTP-Redirect", len(sso))
	case strings.TrimSpace(used.attr("Location")) == "":
		l.add("no-redirect-sso", used.line, "the SingleSignOnService for HTTP-Redirect has no Location")
	case redirects > 1:
		l.add("several-redirect-sso", used.line, "there are %d SingleSignOnServices for HTTP-Redirect", redirects)
	}
	slo := redirectEndpoint(l.idp, "SingleLogoutService")
	if slo == nil {
		l.add("no-redirect-slo", l.idp.line, "no SingleLogoutService is for HTTP-Redirect")
	}
	l.lintLocation("SSO", used)
	l.lintLocation("SLO", slo)
}

func (l *linter) lintLocation(what string, endpoint *element) {
	if endpoint == nil {
		return
	}
	text := strings.TrimSpace(endpoint.attr("Location"))
	u, err := url.Parse(text)
	switch {
	case text == "":
	case !sentry.IsFormURL(text):
		l.add("invalid-url", endpoint.line, "the %s URL is %q", what, text)
	case !sentry.IsSAMLURL(text):
		l.add("refused-url", endpoint.line, "the %s URL is %q", what, text)
	case err == nil && u.Scheme != "https" && !isLoopback(u.Hostname()):
		l.add("http-location", endpoint.line, "the %s URL is %s", what, text)
	}
}
