package integration

import (
	"context"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// Sync runs the schedule of the application's SCIM provider once.
type Sync struct {
	Client      *authentik.Client
	Application string // slug
	Clock       transport.Clock
	Say         func(format string, args ...any) // of progress
}

// Run sends the schedule and follows the run that it starts until that has ended,
// however long it takes, and then reads what its tasks wrote. The result is there
// too when ctx ends before. Tasks that failed are fault.Failed, and so is a run that
// authentik skipped for one that was under way.
func (s *Sync) Run(ctx context.Context) (*SyncResult, error) {
	provider, err := s.provider(ctx)
	if err != nil {
		return nil, err
	}
	schedules, err := s.Client.Schedules().List(ctx, authentik.OfSCIMProvider(provider.PK))
	if err != nil {
		return nil, err
	}
	if len(schedules) == 0 {
		return nil, fault.Hint(fault.New(fault.Failed, "the SCIM provider %s has no schedule", provider.Name), "save the provider once in authentik: that makes one")
	}
	r := &syncRun{Sync: s, schedule: schedules[0]}
	result := &SyncResult{Provider: provider.Name, Application: s.Application, Schedule: r.schedule.Crontab, DryRun: provider.DryRun, Tasks: []SyncTask{}}
	if err := r.send(ctx); err != nil {
		return nil, err
	}
	if err := r.find(ctx); err != nil {
		if ctx.Err() == nil {
			result = nil // it is not known to go on
		}
		return result, err
	}
	if err := r.follow(ctx); err != nil {
		result.add([]authentik.Task{r.task})
		return result, err
	}
	tasks, err := r.tasks(ctx)
	result.add(tasks)
	result.Complete = err == nil
	switch {
	case err != nil:
		return result, err
	case r.skipped():
		result.Complete = false
		return result, fault.Hint(fault.New(fault.Failed, "authentik skipped this run because another synchronization is running"), "run the command again after that synchronization ends")
	case result.Errors > 0:
		return result, fault.Quiet(fault.Failed)
	}
	return result, nil
}

// provider is the SCIM provider among the application's backchannel providers.
func (s *Sync) provider(ctx context.Context) (authentik.SCIMProvider, error) {
	none := authentik.SCIMProvider{}
	application, err := s.Client.Applications().Get(ctx, s.Application)
	if err != nil {
		return none, err
	}
	all, err := s.Client.SCIMProviders().List(ctx, nil)
	if err != nil {
		return none, err
	}
	all = slices.DeleteFunc(all, func(p authentik.SCIMProvider) bool { return !slices.Contains(application.BackchannelProviders, p.PK) })
	switch len(all) {
	case 1:
		return all[0], nil
	case 0:
		return none, fault.Hint(fault.New(fault.Failed, "the application %s has no SCIM provider as a backchannel provider", s.Application),
			"'sentryidp authentik apply --with-scim' makes one; 'sentryidp scim push' needs none")
	}
	return none, fault.Hint(fault.New(fault.Failed, "the application %s has %d SCIM providers, want one", s.Application, len(all)), "take the others away in authentik")
}
