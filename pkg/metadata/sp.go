package metadata

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crewjam/saml"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// ServiceProvider is what SAML metadata of a service provider says of itself.
type ServiceProvider struct {
	EntityID string `json:"entity_id"`
	ACSURL   string `json:"acs_url"` // for HTTP-POST
	SLSURL   string `json:"sls_url"` // for HTTP-Redirect
}

// Verification compares the addresses that were computed for an organization
// with those that Sentry publishes.
type Verification struct {
	OK        bool             `json:"ok"`
	Published *ServiceProvider `json:"published"` // null where Sentry shows none
	Compared  []Comparison     `json:"compared"`
	Problems  []Problem        `json:"problems"`
}

// Comparison is one address.
type Comparison struct {
	Name      string `json:"name"` // entity_id, acs_url or sls_url
	Computed  string `json:"computed"`
	Published string `json:"published"`
	Equal     bool   `json:"equal"`
}

// Problem is why the addresses differ, named as what has to be changed.
type Problem struct {
	Code    string `json:"code"` // scheme, host, port, path, slug; redirect, status, no-metadata
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Verify fetches Sentry's own metadata for an organization and compares it with
// what was computed. What Sentry answers is never an error but a problem, and
// an error (code Failed) that it does not answer. client follows no redirects.
func Verify(ctx context.Context, client *http.Client, computed sentry.URLs) (*Verification, error) {
	v := &Verification{Compared: []Comparison{}, Problems: []Problem{}}
	status, body, err := get(ctx, client, "Sentry's metadata URL", computed.MetadataURL)
	if to, ok := errors.AsType[*redirect](err); ok {
		v.elsewhere(computed.MetadataURL, to.to)
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		v.refused(computed, status)
		return v, nil
	}
	published, err := parseServiceProvider(body)
	if err != nil {
		v.add("no-metadata", fmt.Sprintf("%s shows no SAML metadata: %s", computed.MetadataURL, err), "check --sentry-url: is this Sentry?")
		return v, nil
	}
	v.compare(computed, published)
	return v, nil
}

func (v *Verification) add(code, message, fix string) {
	for _, p := range v.Problems {
		if p.Code == code {
			return // three addresses differ for one reason
		}
	}
	v.Problems = append(v.Problems, Problem{code, message, fix})
}

// elsewhere explains a redirect: to https, to another host, or to a login.
func (v *Verification) elsewhere(from, to string) {
	a, errA := url.Parse(from)
	b, errB := url.Parse(to)
	if errA == nil && errB == nil && strings.HasPrefix(b.Path, a.Path) {
		v.explain(a, b, "sends there")
	}
	if len(v.Problems) == 0 {
		v.add("redirect", fmt.Sprintf("%s redirects to %s", from, to), "check --sentry-url and --org: Sentry shows its metadata without a login")
	}
}

func (v *Verification) refused(computed sentry.URLs, status int) {
	switch status {
	case http.StatusNotFound:
		v.add("slug", fmt.Sprintf("Sentry knows no organization %q (404)", computed.Org),
			"give the slug that stands in the address bar, in --org")
	case http.StatusInternalServerError:
		v.add("host", "Sentry cannot make its own metadata (500): its SAML library refuses system.url-prefix",
			"give system.url-prefix a host name with a dot; a name such as sentry or sentry:9000 is refused")
	default:
		v.add("status", fmt.Sprintf("%s answered %d %s", computed.MetadataURL, status, http.StatusText(status)),
			"check --sentry-url, and that a proxy in front lets /saml/ through")
	}
}

// parseServiceProvider reads SP metadata within the limits of Parse.
func parseServiceProvider(data []byte) (*ServiceProvider, error) {
	root, err := readTree(data)
	if err != nil {
		if wrong, ok := errors.AsType[*syntax](err); ok {
			return nil, wrong
		}
		return nil, err
	}
	entity := root.find(nsMetadata, "EntityDescriptor")
	if entity == nil {
		return nil, errors.New("it has no EntityDescriptor")
	}
	roles := entity.all(nsMetadata, "SPSSODescriptor")
	if len(roles) == 0 {
		return nil, errors.New("it is of no service provider")
	}
	return &ServiceProvider{
		EntityID: entity.attr("entityID"),
		ACSURL:   located(roles[0], "AssertionConsumerService", saml.HTTPPostBinding),
		SLSURL:   located(roles[0], "SingleLogoutService", saml.HTTPRedirectBinding),
	}, nil
}

func located(role *element, service, binding string) string {
	for _, endpoint := range role.all(nsMetadata, service) {
		if endpoint.attr("Binding") == binding {
			return endpoint.attr("Location")
		}
	}
	return ""
}

func (v *Verification) compare(computed sentry.URLs, published *ServiceProvider) {
	v.Published = published
	for _, c := range []Comparison{
		{Name: "entity_id", Computed: computed.Audience, Published: published.EntityID},
		{Name: "acs_url", Computed: computed.ACSURL, Published: published.ACSURL},
		{Name: "sls_url", Computed: computed.SLSURL, Published: published.SLSURL},
	} {
		c.Equal = c.Computed == c.Published
		v.Compared = append(v.Compared, c)
		if !c.Equal {
			v.differs(c)
		}
	}
	v.OK = len(v.Problems) == 0
}

func (v *Verification) differs(c Comparison) {
	before := len(v.Problems)
	a, errA := url.Parse(c.Computed)
	b, errB := url.Parse(c.Published)
	if errA == nil && errB == nil && b.Host != "" {
		v.explain(a, b, "says")
	}
	if len(v.Problems) == before && before == 0 {
		v.add("path", fmt.Sprintf("%s is %q in Sentry and %q here", c.Name, c.Published, c.Computed), "copy what Sentry publishes into the IdP")
	}
}

// explain names the parts in which two addresses differ. a is computed, b is
// Sentry's.
func (v *Verification) explain(a, b *url.URL, verb string) {
	const prefix = "Sentry's system.url-prefix"
	fix := "set --sentry-url to what system.url-prefix has, or change system.url-prefix and restart Sentry"
	if a.Scheme != b.Scheme {
		v.add("scheme", fmt.Sprintf("the scheme is %s here, and %s %s %s", a.Scheme, prefix, verb, b.Scheme), fix)
	}
	if a.Hostname() != b.Hostname() {
		v.add("host", fmt.Sprintf("the host is %s here, and %s %s %s", a.Hostname(), prefix, verb, b.Hostname()), fix)
	}
	if a.Port() != b.Port() {
		v.add("port", fmt.Sprintf("the port is %s here, and %s %s %s", port(a), prefix, verb, port(b)), fix)
	}
	slugA, slugB := lastSegment(a.Path), lastSegment(b.Path)
	beforeA, beforeB := strings.TrimSuffix(a.Path, slugA+"/"), strings.TrimSuffix(b.Path, slugB+"/")
	if slugA != slugB {
		v.add("slug", fmt.Sprintf("the organization is %q here, and Sentry calls it %q", slugA, slugB),
			"set --org to Sentry's slug, and change the URLs in the IdP after a rename")
	}
	if beforeA != beforeB {
		v.add("path", fmt.Sprintf("the path begins with %q here, and with %q in Sentry", beforeA, beforeB), fix)
	}
}

func port(u *url.URL) string {
	if u.Port() == "" {
		return "not written"
	}
	return u.Port()
}

// lastSegment is the last part of a path that ends in a slash.
func lastSegment(path string) string {
	trimmed := strings.TrimSuffix(path, "/")
	return trimmed[strings.LastIndex(trimmed, "/")+1:]
}
