package doctor

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

// Probe is something that is read for the checks.
type Probe string

// The probes.
const (
	ProbeSentry      Probe = "sentry"      // Sentry's client configuration, which everybody may read
	ProbeMetadata    Probe = "metadata"    // Sentry's metadata of the organization
	ProbeIDP         Probe = "idp"         // the identity provider's metadata
	ProbeDocument    Probe = "document"    // the same, fetched or from a file
	ProbeSCIM        Probe = "scim"        // Sentry's SCIM API
	ProbeMembers     Probe = "members"     // the members of the organization
	ProbeAuth        Probe = "auth"        // the organization's auth provider and features
	ProbeAudit       Probe = "audit"       // the organization's audit log
	ProbeAuthentik   Probe = "authentik"   // authentik's release, and whose the token is
	ProbeIntegration Probe = "integration" // authentik against the settings
	ProbeDrift       Probe = "drift"       // the directory against Sentry
)

// Probes lists them.
func Probes() []Probe {
	return []Probe{ProbeSentry, ProbeMetadata, ProbeIDP, ProbeDocument, ProbeSCIM, ProbeMembers, ProbeAuth, ProbeAudit, ProbeAuthentik, ProbeIntegration, ProbeDrift}
}

// facts are what was read. Each goroutine writes its own fields.
type facts struct {
	subject     Subject
	setup       Setup
	now         time.Time
	unavailable map[Probe]string

	sentry    visit
	config    sentry.ClientConfig // of Sentry; configErr: it is not told
	configErr error

	verified    *metadata.Verification
	verifiedErr error

	idp      visit
	idpXML   []byte
	fromFile bool  // idpXML was not fetched
	idpErr   error // why the metadata cannot be had as Sentry would
	idpAddrs []netip.Addr

	response *samlresponse.Response
	report   *sentryexec.Report
	mapping  *samlresponse.Mapping // that Sentry has, as far as is known
	named    *samlresponse.Mapping // that the settings say it has

	glance       scim.Glance
	scimErr      error
	people       people
	provider     provider
	organization organization
	audit        audit
	release      authentik.Capabilities
	releaseErr   error
	self         authentik.Self
	selfErr      error
	plan         *integration.Report
	planErr      error
	built        built
	drift        string
	driftErr     error
}

// gather makes the wanted probes at once, each within the bound. The directory is
// compared after that, with the requests that are left.
func (d *Doctor) gather(ctx context.Context, wanted map[Probe]bool) *facts {
	f := &facts{subject: d.Subject, setup: d.Setup, now: d.Now(), unavailable: map[Probe]string{}}
	maps.Copy(f.unavailable, d.Unavailable)
	f.idpXML, f.fromFile = d.Metadata, d.Metadata != nil
	f.response, f.report, f.named = d.Response, d.SentryReport, d.Mapping
	if f.mapping = mappingOf(f.stored()); f.mapping == nil {
		f.mapping = f.named
	}
	if f.report != nil && !f.subject.Release.Known() {
		f.subject.Release, _ = sentry.ParseRelease(f.report.Release) // the zero Release where it says none
	}
	if !f.fromFile {
		f.unavailable[ProbeDocument] = f.unavailable[ProbeIDP]
		wanted[ProbeIDP] = wanted[ProbeIDP] || wanted[ProbeDocument]
	}
	var group sync.WaitGroup
	start := func(p Probe, probe func(context.Context, *facts)) {
		if !wanted[p] || f.unavailable[p] != "" {
			return
		}
		group.Go(func() {
			bounded, cancel := context.WithTimeout(ctx, d.Bound)
			defer cancel()
			probe(bounded, f)
		})
	}
	for p, probe := range map[Probe]func(context.Context, *facts){
		ProbeSentry: d.readSentry, ProbeMetadata: d.readMetadata, ProbeIDP: d.readIDP, ProbeSCIM: d.readSCIM,
		ProbeMembers: d.readMembers, ProbeAuth: d.readAuth, ProbeAudit: d.readAudit,
		ProbeAuthentik: d.readAuthentik, ProbeIntegration: d.readIntegration,
	} {
		start(p, probe)
	}
	group.Wait()
	start(ProbeDrift, d.readDrift)
	group.Wait()
	return f
}

func (d *Doctor) readSentry(ctx context.Context, f *facts) {
	f.sentry = pay(ctx, d.Web, d.Now, d.Subject.SentryURL+clientConfig)
	f.config, f.configErr = sentry.ParseClientConfig(f.sentry.body)
}

func (d *Doctor) readMetadata(ctx context.Context, f *facts) {
	f.verified, f.verifiedErr = metadata.Verify(ctx, d.Web, *d.Subject.URLs, d.Subject.Release)
	if f.verified != nil && d.Subject.DefaultSentry {
		f.verified.OnlyDefault(d.Subject.SentryURL)
	}
}

func (d *Doctor) readIDP(ctx context.Context, f *facts) {
	f.idp = pay(ctx, d.IDPWeb, d.Now, d.Subject.MetadataURL)
	f.idpAddrs = d.LookUp(ctx, d.Subject.MetadataURL)
	if f.idp.answered() {
		f.idpXML, f.idpErr = metadata.Fetch(ctx, d.IDPWeb, d.Subject.MetadataURL)
	}
}

func (d *Doctor) readSCIM(ctx context.Context, f *facts) { f.glance, f.scimErr = d.SCIM.Glance(ctx) }

func (d *Doctor) readDrift(ctx context.Context, f *facts) { f.drift, f.driftErr = d.Drift(ctx) }

// late reports whether a probe did not end within its bound.
func late(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
