package integration

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// The pauses of a sync: between two looks at the tasks, and before a schedule
// that started none is given up.
const (
	syncPoll  = 2 * time.Second
	syncStart = 2 * time.Minute
)

// Sync runs the schedule of the application's SCIM provider once.
type Sync struct {
	Client      *authentik.Client
	Application string // slug
	Clock       transport.Clock
	Say         func(format string, args ...any) // of progress
}

// Run sends the schedule and follows the tasks that it starts until all have
// ended. The result is there too when ctx ends before they do. Tasks that failed
// are fault.Failed.
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
	result := &SyncResult{Provider: provider.Name, Application: s.Application, Schedule: schedules[0].Crontab, DryRun: provider.DryRun, Tasks: []SyncTask{}}
	before, err := s.tasks(ctx, provider)
	if err != nil {
		return nil, err
	}
	if err := s.Client.SendSchedule(ctx, schedules[0].ID); err != nil {
		return nil, err
	}
	tasks, err := s.follow(ctx, provider, known(before))
	result.add(tasks)
	result.Complete = err == nil
	if err == nil && result.Errors > 0 {
		err = fault.Quiet(fault.Failed)
	}
	return result, err
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

func (s *Sync) tasks(ctx context.Context, provider authentik.SCIMProvider) ([]authentik.Task, error) {
	query := authentik.OfSCIMProvider(provider.PK)
	query.Set("ordering", "-mtime")
	return s.Client.Tasks().List(ctx, query)
}

func known(tasks []authentik.Task) map[string]bool {
	ids := map[string]bool{}
	for _, t := range tasks {
		ids[t.MessageID] = true
	}
	return ids
}

// follow looks at the tasks until those that are new have ended. The task of the
// schedule waits for those of its pages, so all are there when it ends.
func (s *Sync) follow(ctx context.Context, provider authentik.SCIMProvider, before map[string]bool) ([]authentik.Task, error) {
	began := s.Clock.Now()
	progress := ""
	for {
		all, err := s.tasks(ctx, provider)
		if err != nil {
			return nil, err
		}
		fresh := slices.DeleteFunc(all, func(t authentik.Task) bool { return before[t.MessageID] })
		open := slices.IndexFunc(fresh, func(t authentik.Task) bool { return !ended(t) })
		switch {
		case len(fresh) > 0 && open < 0:
			return fresh, nil
		case len(fresh) == 0 && s.Clock.Now().Sub(began) > syncStart:
			return nil, fault.Hint(fault.New(fault.Failed, "authentik took the schedule and started no task in %s", syncStart), "see that its worker runs")
		}
		if words := counted(fresh); words != progress {
			progress = words
			s.Say("%s", words)
		}
		if err := s.Clock.Wait(ctx, syncPoll); err != nil {
			return fresh, fmt.Errorf("follow the tasks, which go on in authentik: %w", err)
		}
	}
}

// ended knows the states of a task that does not run any more
// (authentik/tasks/models.py TaskStatus).
func ended(t authentik.Task) bool {
	return slices.Contains([]string{"done", "info", "warning", "error", "rejected"}, status(t))
}

func status(t authentik.Task) string {
	if t.AggregatedStatus != "" {
		return strings.ToLower(t.AggregatedStatus)
	}
	return strings.ToLower(t.State)
}

func counted(tasks []authentik.Task) string {
	done := 0
	for _, t := range tasks {
		if ended(t) {
			done++
		}
	}
	return "authentik's tasks: " + strconv.Itoa(done) + " of " + strconv.Itoa(len(tasks)) + " ended"
}
