package metadata

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// elsewhere explains a redirect: to https, to another host, or to a login.
func (v *Verification) elsewhere(from, to string) {
	a, errA := url.Parse(from)
	b, errB := url.Parse(to)
	if errA == nil && errB == nil && strings.HasPrefix(b.Path, strings.TrimSuffix(a.Path, "/")) {
		v.explain(a, b, "the redirect goes to", "set --sentry-url to the address that the redirect goes to, if it is that of Sentry's system.url-prefix")
	}
	if len(v.Problems) == 0 {
		v.add("redirect", fmt.Sprintf("%s redirects to %s", from, to), "check --sentry-url and --org: Sentry shows its metadata without a login")
	}
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
}

func (v *Verification) differs(c Comparison) {
	before := len(v.Problems)
	a, errA := url.Parse(c.Computed)
	b, errB := url.Parse(c.Published)
	if errA == nil && errB == nil && b.Host != "" {
		v.explain(a, b, "Sentry's system.url-prefix says", "set --sentry-url to what system.url-prefix has, or change system.url-prefix and restart Sentry")
	}
	if len(v.Problems) == before && before == 0 {
		v.add("path", fmt.Sprintf("%s is %q in Sentry and %q here", c.Name, c.Published, c.Computed), "copy what Sentry publishes into the IdP")
	}
}

// explain names the parts in which two addresses differ. a is computed; says
// tells where b comes from, and fix what to do where it is another server's.
func (v *Verification) explain(a, b *url.URL, says, fix string) {
	if a.Scheme != b.Scheme {
		v.add("scheme", fmt.Sprintf("the scheme is %s here, and %s %s", a.Scheme, says, b.Scheme), fix)
	}
	if a.Hostname() != b.Hostname() {
		v.add("host", fmt.Sprintf("the host is %s here, and %s %s", a.Hostname(), says, b.Hostname()), fix)
	}
	if a.Port() != b.Port() {
		v.add("port", fmt.Sprintf("the port is %s here, and %s %s", port(a), says, port(b)), fix)
	}
	if a.Path == b.Path+"/" {
		v.add("slash", "the slash at the end is missing in "+b.String()+", and Sentry itself never leaves it out",
			"let the proxy in front of Sentry, or what else answers there, leave addresses as they are")
		return
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
