package authentik

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Release is a release of authentik: 2026.5 is {2026, 5}.
type Release struct{ Year, Month int }

// Oldest is the oldest release whose API is known.
func Oldest() Release { return Release{2025, 10} }

// Newest is the newest release whose API is known.
func Newest() Release { return Release{2026, 8} }

// String writes the release as authentik does.
func (r Release) String() string { return fmt.Sprintf("%d.%d", r.Year, r.Month) }

// Before reports whether r came out before other.
func (r Release) Before(other Release) bool {
	return r.Year < other.Year || r.Year == other.Year && r.Month < other.Month
}

// Capabilities are what a server's API understands, as its version tells. A
// request field that a release does not know is ignored without an error, so
// nothing is guessed.
type Capabilities struct {
	Version string  // as the server writes it, such as 2026.5.6
	Release Release // what it is treated as
	Note    string  // for people to read, where the two differ

	// IssuerOverride: the SAML provider's issuer is called issuer_override and is
	// the metadata URL when it is empty; before 2026.5 it is issuer.
	IssuerOverride bool
	// GroupFilters: the SCIM provider has group_filters, a list; before 2026.2 it
	// has filter_group, which also says which people are sent.
	GroupFilters bool
	// GroupParents: a group has parents, a list; before 2025.12 it has parent.
	GroupParents bool
	// Discovers: the SCIM client adopts members that it finds (2026.2.5).
	Discovers bool
	// EachCounts: with policy_engine_mode all, each binding to a group or a user has
	// to let somebody in; before 2026.5 one of them is enough (#14957, mended by
	// #20430).
	EachCounts bool
	// DiscoveryEnabled: the SCIM provider's discovery can be switched off (2026.8).
	DiscoveryEnabled bool
}

// CapabilitiesOf returns what the API of a version such as 2026.5.6 or 2026.8
// understands. A version that is newer than Newest is taken for it, with a note.
// One older than Oldest is an error, as is what is no version.
func CapabilitiesOf(version string) (Capabilities, error) {
	found, patch, err := releaseOf(version)
	if err != nil {
		return Capabilities{}, err
	}
	if found.Before(Oldest()) {
		return Capabilities{}, fault.Hint(fault.New(fault.Failed, "expected authentik %s or newer but found %s", Oldest(), answer.Printable(version)),
			"update authentik, one release at a time")
	}
	c := Capabilities{Version: answer.Printable(version), Release: found}
	if Newest().Before(found) {
		c.Release = Newest()
		c.Note = fmt.Sprintf("authentik %s is newer than the newest supported release, and is treated as %s", found, Newest())
	}
	since := func(year, month int) bool { return !c.Release.Before(Release{year, month}) }
	c.GroupParents = since(2025, 12)
	c.GroupFilters = since(2026, 2)
	c.Discovers = since(2026, 5) || since(2026, 2) && patch >= 5
	c.IssuerOverride, c.EachCounts = since(2026, 5), since(2026, 5)
	c.DiscoveryEnabled = since(2026, 8)
	return c, nil
}

// IssuerField is the name of the SAML provider's field for the issuer.
func (c Capabilities) IssuerField() string {
	if c.IssuerOverride {
		return "issuer_override"
	}
	return "issuer"
}

var release = pattern.New(`^(20[0-9]{2})\.([0-9]{1,2})(?:\.([0-9]{1,4}))?([.\-+ ]|$)`)

func releaseOf(version string) (found Release, patch int, err error) {
	parts := release().FindStringSubmatch(version)
	if parts == nil {
		return Release{}, 0, fault.New(fault.Failed, "expected a version of authentik such as %s.1 but found %q", Newest(), answer.Printable(version))
	}
	found.Year, _ = strconv.Atoi(parts[1])
	found.Month, _ = strconv.Atoi(parts[2])
	patch, _ = strconv.Atoi(parts[3])
	return found, patch, nil
}

// Capabilities asks the server for its version, once, and returns what it
// understands.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	c.asked.Lock()
	defer c.asked.Unlock()
	if c.capabilities != nil {
		return *c.capabilities, nil
	}
	var got struct {
		Current string `json:"version_current"`
	}
	r := request{method: http.MethodGet, path: "admin/version/", need: "to be a user of authentik"}
	if err := c.call(ctx, r, &got); err != nil {
		return Capabilities{}, fmt.Errorf("read authentik's version: %w", err)
	}
	capabilities, err := CapabilitiesOf(got.Current)
	if err == nil {
		c.capabilities = &capabilities
	}
	return capabilities, err
}
