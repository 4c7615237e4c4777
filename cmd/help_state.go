package cmd

import "github.com/spf13/cobra"

// newStateTopic says what is kept between runs, and what is lost without it.
func newStateTopic() *cobra.Command {
	return &cobra.Command{Use: "state", Short: "The state directory", Long: `The state directory holds what 'sentryidp scim push' keeps between runs, and
what 'sentryidp authentik apply' keeps of tokens. It is the first of these that is set:

  --state-dir         or state_dir in a file, or SENTRYIDP_STATE_DIR
  $XDG_STATE_HOME     sentryidp in it
  %LOCALAPPDATA%      sentryidp\state in it, on Windows
  $HOME               .local/state/sentryidp in it

It holds, readable by its owner alone, with e-mail addresses and no secret:

  pushes/     one file for each organization: who of the directory is which
              member, what pushes of the last seven days took away, the size of
              the directory, the teams that pushes created or managed, the roles
              and links to projects that they gave, and what Sentry told and
              its lists do not show
  snapshots/  Sentry's side before each push that took something away, for
              'sentryidp scim restore'
  locks/      one file for each organization, so that two pushes on one machine
              do not run at the same time
  authentik-tokens.json
              a salted fingerprint of the token that each SCIM provider of
              authentik received last, as authentik does not reveal it
  trust.json  the files of working directories that you trust ('sentryidp config
              trust'), in the default place alone

A push without it is right, and does not know what earlier pushes did:

  guards      losses over several nights, a directory that shrank, members who
              were replaced and blank cells cannot be noticed
  people      a changed address in the directory can look like a removal and an
              invitation
  roles       a role that an earlier push gave is not taken back without
              asking Sentry
  teams       --prune-teams deletes nothing; admins of teams and links to
              projects that pushes gave are not taken back
  requests    what Sentry told an earlier push is asked for again
  snapshots   a snapshot that is lost restores nothing
  tokens      a changed SCIM token is not sent to authentik without
              --rotate-token

Keep it between the runs of a job: as a cache, a volume or an artifact that
others cannot read, as the jobs of 'sentryidp schedule' do. Deleting it is safe; the guards begin anew. A rehearsal
(--sandbox) neither reads nor writes it.`}
}
