package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/setup"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type scimExportOptions struct {
	*app

	out       string
	force     bool
	teamRoles bool
	projects  bool
}

func newScimExport(a *app) *cobra.Command {
	o := &scimExportOptions{app: a}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Save the members, roles and teams of Sentry as a snapshot",
		Long: `Read the members of an organization with their roles, and its teams with theirs,
and write them as a snapshot that 'sentryidp scim restore' puts back. With
--team-roles it has the roles in teams too, which takes a list for each team, and
with --projects the projects of teams, which takes sentry.api.token. It holds no
secret, but everybody's e-mail: the file of --out is for its owner alone (0600).`,
		Example: `  sentryidp scim export --sandbox
  sentryidp scim export --org acme --out before.json
  sentryidp scim export --org acme -o json | jq '.members | length'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "scim.concurrency", "scim.rate", "insecure_http")
	cmd.Flags().StringVar(&o.out, "out", "", "write the snapshot to this `file` (JSON)")
	cmd.Flags().BoolVar(&o.force, "force", false, "replace the file of --out if it is there")
	cmd.Flags().BoolVar(&o.teamRoles, "team-roles", false, "save the roles in teams too")
	cmd.Flags().BoolVar(&o.projects, "projects", false, "save the projects of teams too")
	completeFile(cmd, "out", "json")
	return cmd
}

func (o *scimExportOptions) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	snapshot, err := o.read(ctx, cmd)
	if err != nil {
		return err
	}
	if o.out == "" {
		if o.format == report.Text {
			o.term.Note("this is a summary: --out FILE or -o json gives the snapshot itself")
		}
		return o.show(&snapshotDocument{snapshot})
	}
	var text bytes.Buffer
	if err := report.Write(&text, ui.Plain(), report.JSON, &snapshotDocument{snapshot}); err != nil {
		return err
	}
	mode := atomicfile.Keep
	if o.force {
		mode = atomicfile.Overwrite
	}
	err = atomicfile.Write(o.out, text.Bytes(), 0o600, mode)
	if errors.Is(err, fs.ErrExist) {
		return fault.Hint(err, "pass --force to replace it, or name another file")
	}
	if err != nil {
		return err
	}
	o.term.Note("Sentry's side is saved in %s", o.out)
	return nil
}

func (o *scimExportOptions) read(ctx context.Context, cmd *cobra.Command) (*snapshot.Snapshot, error) {
	loaded, err := o.settings(cmd, sentryAddresses()...)
	if err != nil {
		return nil, err
	}
	if err := o.demand(loaded, setup.Org, setup.SCIMToken); err != nil {
		return nil, err
	}
	base, slug, err := o.organization(loaded.Addresses())
	if err != nil {
		return nil, err
	}
	connection, err := o.connectScim(ctx, loaded, base, slug)
	if err != nil {
		return nil, err
	}
	users, err := connection.client.Users(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := connection.client.Groups(ctx)
	if err != nil {
		return nil, err
	}
	actual := &plan.Actual{Users: users, Groups: groups}
	teams, err := o.teams(loaded, base, slug, connection)
	if err == nil {
		err = teams.Read(ctx, actual, o.reads(actual), loaded.Config.SCIM.Concurrency, func(string, int, int) {})
	}
	return snapshot.Take(base.String(), string(slug), o.now(), actual), err
}

// reads is what the flags ask for beside the lists of SCIM.
func (o *scimExportOptions) reads(actual *plan.Actual) plan.Reads {
	need := plan.Reads{Projects: o.projects}
	for _, g := range actual.Groups {
		if o.teamRoles && len(g.Members) > 0 {
			need.Teams = append(need.Teams, g.ID)
		}
	}
	return need
}

// snapshotDocument is a snapshot with a summary as its text.
type snapshotDocument struct {
	*snapshot.Snapshot
}

// RenderText writes how many members have each role, and how many each team has.
func (d *snapshotDocument) RenderText(w io.Writer, s ui.Styles) error {
	roles := map[string]int{}
	for _, m := range d.Members {
		roles[m.Role]++
	}
	var byRole []string
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		byRole = append(byRole, fmt.Sprintf("%d %s", roles[role], ui.Printable(role)))
	}
	err := s.Pairs(w, [][2]string{
		{"Organization", d.Org + " on " + d.SentryURL},
		{"Members", fmt.Sprintf("%d (%s)", len(d.Members), strings.Join(byRole, ", "))},
		{"Teams", strconv.Itoa(len(d.Teams))},
	})
	if err != nil || len(d.Teams) == 0 {
		return err
	}
	rows := make([][]string, 0, len(d.Teams))
	for _, t := range d.Teams {
		rows = append(rows, []string{ui.Printable(t.Name), strconv.Itoa(len(t.Members))})
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return s.Table(w, []string{"TEAM", "MEMBERS"}, rows)
}
