package apply

import (
	"context"
	"sync/atomic"
)

// The stages, as Options.Progress names them.
const (
	stagePeople   = "people"
	stageRoles    = "roles"
	stageTeams    = "teams"
	stageRenames  = "team names"
	stageMembers  = "members of teams"
	stageAdmins   = "roles in teams"
	stageProjects = "projects"
	stageUnlinks  = "removed projects"
	stageRemovals = "removals"
	stageDeletion = "deleted teams"
)

// stage makes the changes of one kind, and tells the progress after each.
func stage[T any](ctx context.Context, a *applier, name string, changes []T, do func(T)) {
	var made atomic.Int64
	each(ctx, a.Workers, changes, func(change T) {
		do(change)
		if a.Progress != nil {
			a.Progress(name, int(made.Add(1)), len(changes))
		}
	})
}
