package access

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// Read asks for what is needed, workers requests at once, and puts it into actual,
// which stays as it is where one of them fails.
// Roles take a list for each team, because no list of Sentry has those of several;
// all projects are one, with their teams. step is told how much of which list has been
// read. It is called from several goroutines.
func (t *Teams) Read(ctx context.Context, actual *plan.Actual, need plan.Reads, workers int, step func(list string, done, total int)) error {
	lists := make([]map[string]string, len(need.Teams))
	var projects []plan.Project
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(max(1, workers))
	var read atomic.Int64
	for i, team := range need.Teams {
		group.Go(func() (err error) {
			lists[i], err = t.Roles(within, team)
			step("roles in teams", int(read.Add(1)), len(need.Teams))
			return err
		})
	}
	if need.Projects {
		group.Go(func() (err error) {
			projects, err = t.Projects(within)
			step("projects", len(projects), len(projects))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, team := range need.Teams {
		actual.PutRoles(team, lists[i])
	}
	if need.Projects {
		actual.Projects = projects
	}
	return nil
}
