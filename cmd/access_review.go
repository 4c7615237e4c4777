package cmd

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/version"
)

type accessReviewOptions struct {
	*app

	since   string
	last    string
	failOn  []string
	out     []string
	signKey string
}

func newAccessReview(a *app) *cobra.Command {
	o := &accessReviewOptions{app: a}
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Show who has access to Sentry and why, for a review by people",
		Long: `Read the directory and Sentry, and write what a quarterly review asks for: each
member with the reason (groups, rule, or by hand), role, teams with the roles in
them, projects, link to single sign-on and last activity; each leaver of the
period with what the directory and Sentry's audit log tell; and the findings.
Nothing is changed in either.

The codes of findings are leaver-inside, no-directory-entry, owner, not-linked,
invitation-expired and invited-never-came. --fail-on makes some of them exit
code 3.

It needs sentry.api.token, of an internal integration with org:read,
member:read, team:read and, for the audit log, org:write. Without it the SCIM
token shows members and teams. What was not read is named in the review.

The text is a summary. JSON and CSV have every row; HTML and Markdown too, with a
column to sign off. A cell of CSV that a spreadsheet would take for a formula
has an apostrophe before it.

--sign-key signs the JSON files of --out: FILE.sig is the signature over the
bytes of FILE in base64, which 'sentryidp access verify' and openssl check. Use
a key of your own (openssl genpkey -algorithm ed25519). The SAML signing key, as
far as authentik.key_file names it, is refused: authentik has a copy of it.`,
		Example: `  sentryidp access review --sandbox
  sentryidp access review --org acme --file people.yaml --since 2026-07-01 -o html > review.html
  sentryidp access review --org acme --file people.yaml --out review.json --out review.html --sign-key reviewer.pem
  sentryidp access review --org acme --file people.yaml --diff last.json
  sentryidp access review --org acme --file people.yaml --fail-on leaver-inside,no-directory-entry`,
		Annotations: writes(everyDocument(report.CSV, report.HTML, report.Markdown)...),
		Args:        noArgs,
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "scim.source", "scim.file", "scim.scope", "scim.groups", "scim.flatten_groups",
		"authentik.url", "authentik.application", "scim.guard.allow_hidden_users", "scim.concurrency", "scim.rate", "state_dir", "insecure_http")
	flags := cmd.Flags()
	flags.StringVar(&o.since, "since", "90d", "begin of the period: a `date` such as 2026-07-01, or days such as 90d")
	flags.StringVar(&o.last, "diff", "", "compare with the last review in `file` (JSON)")
	flags.StringSliceVar(&o.failOn, "fail-on", nil, "exit 3 for findings of this `code`; repeatable, or several with commas")
	flags.StringArrayVar(&o.out, "out", nil, "write the review to `file` too: .json, .csv, .html or .md; repeatable")
	flags.StringVar(&o.signKey, "sign-key", "", "sign the JSON of --out with the private key in `file` (PEM)")
	completeValues(cmd, "fail-on", access.Codes())
	completeFile(cmd, "file", "yaml", "yml", "json", "jsonl", "csv")
	completeFile(cmd, "diff", "json")
	completeFile(cmd, "out", "json", "csv", "html", "md")
	completeFile(cmd, "sign-key", "pem", "key")
	return a.forProfiles(cmd, profileRuns{})
}

func (o *accessReviewOptions) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	since, err := sinceOf(o.since, o.now())
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("fail-on") && len(o.failOn) == 0 {
		return fault.Hint(fault.Usagef("--fail-on names no code, so that nothing would fail"), "name one, or leave the flag out")
	}
	if err := access.CheckCodes(o.failOn); err != nil {
		return err
	}
	files, err := o.files()
	if err != nil {
		return err
	}
	loaded, err := o.settings(cmd, sentryAddresses()...)
	if err != nil {
		return err
	}
	if err := o.checkFiles(files, loaded); err != nil {
		return err
	}
	var last *access.Review
	if o.last != "" { // before thousands are asked for
		if last, err = parsed(ctx, o.app, source{o.last, filekind.Review, access.MaxBytes}, access.Parse); err != nil {
			return err
		}
	}
	key, err := o.key(ctx, loaded)
	if err != nil {
		return err
	}
	review, err := o.review(ctx, loaded, since)
	if err != nil {
		return err
	}
	if last != nil {
		if err := review.Compare(last); err != nil {
			return err
		}
	}
	if err := o.keep(review, files, key); err != nil {
		return err
	}
	if err := o.show(review); err != nil {
		return err
	}
	return review.Fails(o.failOn)
}

// sinceOf is the begin of a period, which a date names (of UTC, or with a time as in
// RFC 3339) or a number of days before now.
func sinceOf(text string, now time.Time) (time.Time, error) {
	since, err := time.Parse(time.DateOnly, text)
	if err != nil {
		since, err = time.Parse(time.RFC3339, text)
	}
	if digits, isDays := strings.CutSuffix(text, "d"); isDays {
		var days uint64
		if days, err = strconv.ParseUint(digits, 10, 16); err == nil {
			since = now.AddDate(0, 0, -int(days))
		}
	}
	if err != nil || !since.Before(now) {
		err := fault.Usagef("--since must be a date in the past or a number of days, found %q", text)
		return since, fault.Hint(err, "write it as 2026-07-01, 2026-07-01T00:00:00Z or 90d")
	}
	return since, nil
}

// review reads both sides and makes the review.
func (o *accessReviewOptions) review(ctx context.Context, loaded *config.Loaded, since time.Time) (*access.Review, error) {
	base, slug, err := o.organization(loaded.Addresses())
	if err != nil {
		return nil, err
	}
	people, selection, err := o.people(ctx, loaded)
	if err != nil {
		return nil, err
	}
	reader, err := o.sentryReader(ctx, loaded, base, slug)
	if err != nil {
		return nil, err
	}
	now := o.now()
	found, err := reader.Read(ctx, since, now)
	if err != nil {
		return nil, err
	}
	memory := &provision.Push{SentryURL: base.String(), Org: string(slug)}
	o.remind(ctx, memory, loaded)
	return access.New(access.Facts{
		SentryURL: base.String(), Organization: string(slug), Version: version.Read(o.release, o.builder).Version, Now: now, Since: since,
		Directory: people, Selection: selection, Record: memory.Record, DefaultRole: loaded.Config.SCIM.DefaultRole, Sentry: found,
	})
}

// sentryReader makes the clients of the tokens that are set; one of the two is
// required.
func (o *accessReviewOptions) sentryReader(ctx context.Context, loaded *config.Loaded, base sentry.Base, slug sentry.Slug) (*access.Reader, error) {
	reader := &access.Reader{NoAPI: "sentry.api.token is not set", NoSCIM: "sentry.scim.token is not set", Workers: loaded.Config.SCIM.Concurrency}
	given := o.rehearsal != nil
	api := given || !loaded.Config.Sentry.API.Token.IsZero()
	if given || !loaded.Config.Sentry.SCIM.Token.IsZero() || !api {
		connection, err := o.connectScim(ctx, loaded, base, slug)
		if err != nil {
			return nil, err
		}
		reader.SCIM = connection.client
	}
	if !api {
		return reader, nil
	}
	var err error
	reader.API, err = o.apiClient(ctx, loaded, base, slug, "org:read, member:read and team:read", nil)
	return reader, err
}
