package cmd

import (
	"errors"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
)

// manyProfiles runs a command once for each profile of the configuration, all in
// this process. Each has its own settings, lock, snapshot and report, and a failure
// stops only its own.
type manyProfiles struct {
	*app

	profileRuns

	all      bool
	shard    string
	parallel int
}

// profileRuns is what is particular about the runs of a command.
type profileRuns struct {
	write bool // to an organization, so that no two profiles may mean one
	begin bool // their result begins with the verdict; else it ends with it
	idp   bool // Sentry is sent no token
}

// maxParallel is the maximum number of profiles that run at once.
const maxParallel = 32

// forProfiles offers --all-profiles to cmd.
func (a *app) forProfiles(cmd *cobra.Command, runs profileRuns) *cobra.Command {
	m := &manyProfiles{app: a, profileRuns: runs}
	flags := cmd.Flags()
	flags.BoolVar(&m.all, "all-profiles", false, "run once for each profile of the configuration")
	flags.StringVar(&m.shard, "shard", "", "with --all-profiles: `part` i of n, as i/n, such as 1/4; auto/n takes i from the job")
	flags.IntVar(&m.parallel, "parallel", 4, "with --all-profiles: maximum `number` of profiles at once")
	single := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if m.all {
			return m.run(cmd, args)
		}
		for _, name := range []string{"shard", "parallel"} {
			if cmd.Flags().Changed(name) {
				return fault.Hint(fault.Usagef("--%s is for --all-profiles", name), "add --all-profiles, or leave it out")
			}
		}
		return single(cmd, args)
	}
	return cmd
}

func (m *manyProfiles) run(cmd *cobra.Command, args []string) error {
	names, err := m.chosen(cmd, args)
	if err != nil {
		return err
	}
	doc := &profilesDocument{Shard: m.shard, begin: m.begin, Profiles: make([]profileOutcome, len(names))}
	m.shared = &sharedPeople{}
	free := make(chan struct{}, m.parallel)
	var running sync.WaitGroup
	for i, name := range names {
		free <- struct{}{}
		running.Go(func() {
			doc.Profiles[i] = m.one(cmd, args, name)
			<-free
		})
	}
	running.Wait()
	doc.conclude()
	err = interrupted(cmd.Context(), cmd.Context().Err())
	if err == nil && doc.ExitCode != fault.OK {
		err = fault.Quiet(doc.ExitCode)
	}
	return m.end(doc, err)
}

// chosen are the profiles of this run, by name.
func (m *manyProfiles) chosen(cmd *cobra.Command, args []string) ([]string, error) {
	if err := m.check(cmd, args); err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("shard") && m.shard == "" {
		return nil, wrongShard("") // of a variable that is not set, and that would mean all profiles
	}
	part, err := shardOf(m.shard, m.getenv)
	if err != nil {
		return nil, err
	}
	names := config.ProfileNames(m.configInput(cmd))
	if len(names) == 0 {
		if _, err := loadConfig(m.configInput(cmd)); err != nil {
			return nil, err
		}
		return nil, fault.Hint(fault.Usagef("no file that was read has profiles"), "write them below profiles:, each with its settings, or name the file with --config")
	}
	return part.of(names), m.apart(cmd, names)
}

// check refuses what cannot be meant for several profiles.
func (m *manyProfiles) check(cmd *cobra.Command, args []string) error {
	flags := cmd.Flags()
	if err := errors.Join(exclusive(cmd, "all-profiles", "profile"), exclusive(cmd, "all-profiles", "org")); err != nil {
		return err
	}
	if m.parallel < 1 || m.parallel > maxParallel {
		return fault.Usagef("--parallel must be between 1 and %d, found %d", maxParallel, m.parallel)
	}
	if !slices.Contains([]report.Format{report.Text, report.JSON, report.YAML}, m.format) {
		return fault.Usagef("--all-profiles writes text, JSON or YAML, found -o %s", m.format)
	}
	if slices.Contains(append(flagValues(flags), args...), "-") {
		return fault.Hint(fault.Usagef("standard input cannot be read once for each profile"), "name a file")
	}
	for _, variable := range ofOneOrganization() {
		if m.getenv(variable) != "" {
			return fault.Hint(fault.Usagef("%s stands before what every profile says, and is of one organization", variable), "unset it")
		}
	}
	yes, dry := flags.Lookup("yes"), flags.Lookup("dry-run")
	if yes != nil && yes.Value.String() != "true" && (dry == nil || dry.Value.String() != "true") && m.term.CanAsk() {
		return fault.Hint(fault.Usagef("with --all-profiles nobody is asked before Sentry is changed"),
			"look at the plans with --dry-run, and then add --yes")
	}
	return nil
}

// ofOneOrganization are the variables that would give all profiles what belongs to one
// organization alone, such as its SCIM token, and send it wherever they point.
func ofOneOrganization() []string {
	token := config.SettingOf("sentry.scim.token").Env()
	return []string{config.SettingOf("sentry.org").Env(), config.SettingOf(scimAddressPath).Env(), token, token + "_FILE"}
}

// one runs the command for one profile.
func (m *manyProfiles) one(cmd *cobra.Command, args []string, name string) profileOutcome {
	outcome := profileOutcome{Profile: name}
	if err := cmd.Context().Err(); err != nil {
		outcome.ends(interrupted(cmd.Context(), err))
		return outcome
	}
	aside, flush := m.term.Aside(name)
	defer flush()
	one := &app{
		term: aside, env: m.env, now: m.now, rand: m.rand, release: m.release, builder: m.builder, watch: m.watch, shared: m.shared,
		sink: func(doc report.Document) error { outcome.Result = doc; return nil },
	}
	_, err := one.execute(cmd.Context(), perProfile(cmd, args, name))
	outcome.ends(interrupted(cmd.Context(), err))
	if outcome.Error != nil {
		aside.Fail(errors.New(outcome.Error.Message), outcome.Error.Hints)
	}
	return outcome
}
