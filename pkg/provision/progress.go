package provision

import (
	"context"
	"sync/atomic"
)

// The stages of a push, as Push.Progress names them. Reading and verifying have
// the name of the list that is read behind them: "reading members".
const (
	stageRead     = "reading "
	stagePeople   = "people"
	stageRoles    = "roles"
	stageTeams    = "teams"
	stageRenames  = "team names"
	stageMembers  = "members of teams"
	stageRemovals = "removals"
	stageDeletion = "deleted teams"
	stageVerify   = "verifying "
)

// stage makes the changes of one kind, and tells the progress after each.
func stage[T any](ctx context.Context, a *applier, name string, changes []T, do func(T)) {
	var made atomic.Int64
	each(ctx, a.workers, changes, func(change T) {
		do(change)
		a.progress(name, int(made.Add(1)), len(changes))
	})
}

// tell is Progress, or nothing where nobody looks.
func (p *Push) tell(stage string, done, total int) {
	if p.Progress != nil {
		p.Progress(stage, done, total)
	}
}
