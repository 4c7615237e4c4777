package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type samlMetadataFetchOptions struct {
	*app

	caFile string
	out    string
	force  bool
}

func newSamlMetadataFetch(a *app) *cobra.Command {
	o := &samlMetadataFetchOptions{app: a}
	cmd := &cobra.Command{
		Use:   "fetch URL",
		Short: "Get IdP metadata as Sentry would",
		Long: `Get metadata of an identity provider as Sentry does: without following
redirects, within 30 seconds, with TLS verified. What Sentry could not parse is
an error, and so is an answer that is not 2xx, which Sentry does not look at. What
will fail from where Sentry stands is warned of: a private address, a host
without a dot, plain http.

The XML goes to standard output, or to the file of --out.`,
		Example: `  sentryidp saml metadata fetch https://id.example.com/application/saml/sentry/metadata/ > idp.xml
  sentryidp saml metadata fetch https://id.internal.example/metadata/ --ca-file ca.pem --out idp.xml`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	flags := cmd.Flags()
	caFileFlag(cmd, &o.caFile)
	flags.StringVar(&o.out, "out", "", "write to `file` and print what Sentry would store")
	flags.BoolVar(&o.force, "force", false, "replace the file of --out")
	completeFile(cmd, "out", "xml")
	return cmd
}

func caFileFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "ca-file", "", "trust the authorities in `file` (PEM) beside the system's")
	completeFile(cmd, "ca-file", "pem", "crt")
}

func (o *samlMetadataFetchOptions) run(ctx context.Context, address string) error {
	if o.force && o.out == "" {
		return fault.Hint(fault.Usagef("--force replaces the file of --out, and there is no --out"), "add --out FILE")
	}
	xml, reach, err := o.fetchMetadata(ctx, address, o.caFile)
	if err != nil {
		return err
	}
	if _, err := metadata.Parse(xml); err != nil {
		return wrongInput(fmt.Errorf("%s: %w", fault.Harmless(address), err))
	}
	judged := metadata.Judge(xml, metadata.Source{Name: address, URL: address, Now: o.now()})
	doc := &fetchedDocument{
		URL: address, Bytes: len(xml), Verdict: judged.Verdict, Reason: judged.Reason, Stored: judged.Stored,
		Warnings: []string{}, Metadata: string(xml),
	}
	for _, f := range reach {
		doc.Warnings = append(doc.Warnings, f.Sentence())
	}
	if judged.Verdict != metadata.IsStored {
		doc.Warnings = append(doc.Warnings, `Sentry refuses this metadata, "`+judged.Reason+`": see sentryidp saml metadata lint`)
	}
	for _, warning := range doc.Warnings {
		o.term.Warn("%s", ui.Printable(warning))
	}
	if o.out != "" {
		if err := writeNew(o.out, xml, o.force); err != nil {
			return err
		}
		doc.File = o.out
	}
	return o.show(doc)
}

// writeNew writes a file that others may read, whole or not at all.
func writeNew(path string, data []byte, force bool) error {
	err := atomicfile.Write(path, data, 0o644, atomicfile.Replace(force))
	if errors.Is(err, fs.ErrExist) {
		return fault.Hint(fault.New(fault.Failed, "%s exists and is not replaced: %w", path, err), "add --force to replace it")
	}
	return err
}

// fetchMetadata gets metadata as Sentry would, and says what of it would fail
// from where Sentry stands.
func (a *app) fetchMetadata(ctx context.Context, address, caFile string) ([]byte, []metadata.Finding, error) {
	client, err := a.plainClient(ctx, caFile)
	if err != nil {
		return nil, nil, err
	}
	xml, err := metadata.Fetch(ctx, client, address)
	if err != nil {
		return nil, nil, err
	}
	return xml, metadata.Reach(address, lookUp(ctx, address)), nil
}

// plainClient asks as Sentry does: once, without credentials.
func (a *app) plainClient(ctx context.Context, caFile string) (*http.Client, error) {
	roots, err := a.authorities(ctx, caFile)
	if err != nil {
		return nil, err
	}
	return a.newClient(transport.Options{
		UserAgent: a.userAgent(), Trace: a.trace(), Waiting: a.waiting, RootCAs: roots,
		MaxAttempts: 1, AttemptTimeout: metadata.FetchTimeout, MaxBody: metadata.MaxFetched,
		Clock: transport.Clock{Now: a.now, Rand: a.rand},
	})
}

// lookUp returns the addresses of the host of a URL; none where it has no name
// here, as behind a proxy.
func lookUp(ctx context.Context, address string) []netip.Addr {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return nil
	}
	return ips
}

// fetchedDocument is the document of `saml metadata fetch`.
type fetchedDocument struct {
	URL      string           `json:"url"`
	Bytes    int              `json:"bytes"`
	Verdict  metadata.Verdict `json:"verdict"`
	Reason   string           `json:"reason"` // Sentry's words where it refuses
	Stored   *metadata.Stored `json:"stored"`
	Warnings []string         `json:"warnings"`
	File     string           `json:"file,omitempty"`
	Metadata string           `json:"metadata"`
}

// RenderText writes the XML itself, or, once it is in a file, what Sentry would
// store of it.
func (d *fetchedDocument) RenderText(w io.Writer, s ui.Styles) error {
	if d.File == "" {
		_, err := io.WriteString(w, d.Metadata)
		return err
	}
	return s.Pairs(w, [][2]string{
		{"File", s.Code(d.File)},
		{"Bytes", strconv.Itoa(d.Bytes)},
		{"Entity ID", ui.Printable(d.Stored.EntityID)},
		{"SSO URL", ui.Printable(d.Stored.SSOURL)},
		{"SLO URL", ui.Printable(d.Stored.SLOURL)},
	})
}
