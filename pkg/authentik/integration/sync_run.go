package integration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The pauses of a sync: between two looks, which grow as it goes on, and before a
// schedule that started nothing is given up.
const (
	syncPoll    = 2 * time.Second
	syncMaxPoll = 30 * time.Second
	syncStart   = 2 * time.Minute
	syncLosses  = 5 // looks in a row that may fail
)

// syncRun is a run of a schedule. authentik does not say which task a schedule
// started, and tells of thousands in a list that moves while they run. So the run's
// own task is looked for once among the newest and then asked for by itself; it ends
// after its pages.
type syncRun struct {
	*Sync

	schedule authentik.Schedule
	task     authentik.Task // of the run
	seen     time.Time      // when it had changed last at first sight
	earlier  []authentik.Task
	before   counts
}

// counts are the numbers of tasks of a schedule: all, and those that are done.
type counts struct{ all, done int }

// send notes which runs there are, and sends the schedule.
func (r *syncRun) send(ctx context.Context) (err error) {
	if r.earlier, err = r.runs(ctx); err != nil {
		return err
	}
	if r.before, err = r.count(ctx); err != nil {
		return err
	}
	return r.Client.SendSchedule(ctx, r.schedule.ID)
}

// find waits for the task that the schedule started: the run that was not there
// before.
func (r *syncRun) find(ctx context.Context) error {
	known := func(t authentik.Task) bool {
		return slices.ContainsFunc(r.earlier, func(e authentik.Task) bool { return e.MessageID == t.MessageID })
	}
	for began := r.Clock.Now(); ; {
		now, err := r.runs(ctx)
		if err != nil {
			return err
		}
		if now = slices.DeleteFunc(now, known); len(now) > 0 {
			r.task = now[len(now)-1] // the one that changed first
			r.seen = r.task.MTime
			return nil
		}
		if r.Clock.Now().Sub(began) > syncStart {
			return fault.Hint(fault.New(fault.Failed, "authentik accepted the schedule but started no task within %s", syncStart), "check that the worker of authentik is running")
		}
		if err := r.Clock.Wait(ctx, syncPoll); err != nil {
			return fmt.Errorf("wait for authentik to start the task, which may still happen: %w", err)
		}
	}
}

// runs are the newest runs of the schedule, those that changed last first.
func (r *syncRun) runs(ctx context.Context) ([]authentik.Task, error) {
	page, err := r.Client.Tasks().Page(ctx, r.query(url.Values{"actor_name": {r.schedule.ActorName}, "ordering": {"-mtime"}}), 1)
	return page.Items, err
}

// query selects tasks of the schedule, with more parameters.
func (r *syncRun) query(more url.Values) url.Values {
	query := authentik.OfSchedule(r.schedule.ID)
	maps.Copy(query, more)
	return query
}

// count reads how many tasks the schedule has, without reading them.
func (r *syncRun) count(ctx context.Context) (counts, error) {
	all, err := r.Client.Tasks().Page(ctx, r.query(url.Values{"page_size": {"1"}}), 1)
	if err != nil {
		return counts{}, err
	}
	done, err := r.Client.Tasks().Page(ctx, r.query(url.Values{"page_size": {"1"}, "state": {"done"}}), 1)
	return counts{all.Count, done.Count}, err
}

// follow looks at the run until it has ended. A look that fails is repeated: the
// synchronization goes on without us.
func (r *syncRun) follow(ctx context.Context) error {
	losses, progress, pause := 0, "", syncPoll
	for !r.task.Ended() {
		if err := r.Clock.Wait(ctx, pause); err != nil {
			return fmt.Errorf("follow the synchronization, which continues in authentik: %w", err)
		}
		pause = min(pause*5/4, syncMaxPoll)
		words, err := r.look(ctx)
		switch {
		case err == nil:
			losses = 0
		case ctx.Err() != nil, errors.Is(err, authentik.ErrNotFound):
			return fmt.Errorf("follow the synchronization, which continues in authentik: %w", err)
		default:
			if losses++; losses >= syncLosses {
				return fmt.Errorf("follow the synchronization, which continues in authentik: %w", err)
			}
			words = "authentik does not answer; retrying"
		}
		if words != progress {
			progress = words
			r.Say("%s", words)
		}
	}
	return nil
}

// look reads the run again, and says how far it is.
func (r *syncRun) look(ctx context.Context) (string, error) {
	task, err := r.Client.Tasks().Get(ctx, r.task.MessageID)
	if err != nil {
		return "", err
	}
	r.task = task
	now, err := r.count(ctx)
	if err != nil {
		return "", err
	}
	all := max(1, now.all-r.before.all)
	return fmt.Sprintf("authentik tasks: %d of %d ended", min(max(0, now.done-r.before.done), all), all), nil
}

// tasks are the tasks of the run, which has ended: those of the schedule that
// changed between its begin and its end. Other runs began none meanwhile, as they
// found the lock taken.
func (r *syncRun) tasks(ctx context.Context) ([]authentik.Task, error) {
	began := r.seen
	if len(r.task.Logs) > 0 && r.task.Logs[0].Timestamp.Before(began) {
		began = r.task.Logs[0].Timestamp
	}
	found := map[string]authentik.Task{r.task.MessageID: r.task}
	query := r.query(url.Values{"ordering": {"-mtime"}})
	for n := 1; ; n++ {
		page, err := r.Client.Tasks().Page(ctx, query, n)
		if err != nil {
			return inOrder(found), err
		}
		for _, t := range page.Items {
			if t.MTime.Before(began) {
				return inOrder(found), nil
			}
			if !t.MTime.After(r.task.MTime) && t.ActorName != r.schedule.ActorName {
				found[t.MessageID] = t
			}
		}
		if page.Last {
			return inOrder(found), nil
		}
	}
}

func inOrder(tasks map[string]authentik.Task) []authentik.Task {
	return slices.SortedFunc(maps.Values(tasks), func(a, b authentik.Task) int {
		return cmp.Or(a.MTime.Compare(b.MTime), cmp.Compare(a.MessageID, b.MessageID))
	})
}

// skipped reports whether the run found another under way
// (lib/sync/outgoing/tasks.py).
func (r *syncRun) skipped() bool {
	return slices.ContainsFunc(r.task.Logs, func(line authentik.TaskRecord) bool {
		return strings.Contains(line.Event, "Synchronization is already running")
	})
}
