package secret

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// commandTimeout is how long a command may take, unless Sources says otherwise:
// enough for a person to touch a security key.
const commandTimeout = 30 * time.Second

// fromCommand runs the program with the environment of this run. Its standard
// error is shown when it fails, its output never.
func (r Reference) fromCommand(ctx context.Context, from Sources) (string, error) {
	limit := from.Timeout
	if limit <= 0 {
		limit = commandTimeout
	}
	bound, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out, complaint bounded
	cmd := exec.CommandContext(bound, r.Command[0], r.Command[1:]...) //nolint:gosec // the configuration names the program
	cmd.Env = append([]string{}, from.Env...)                         // nil would be the process's own
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.WaitDelay = time.Second / 2 // for children that keep the streams open
	err := cmd.Run()
	if err != nil {
		awaitEnd(ctx)
	}
	switch {
	case err == nil:
		return out.kept.String(), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("the command %s gave no secret: %w", r.Command[0], ctx.Err())
	case bound.Err() != nil:
		return "", fault.Hint(fmt.Errorf("the command %s gave no secret in %s", r.Command[0], limit), "run it yourself: it may wait for an answer")
	}
	return "", fault.Hint(fmt.Errorf("the command %s gave no secret: %w", r.Command[0], err), "it said: %s", complaint.line())
}

// awaitEnd waits a moment for ctx to end: Ctrl-C reaches a program and this
// process at once, and the program can be the first to end.
func awaitEnd(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second / 2):
	}
}

// bounded keeps as much as shows that there is too much, and drops the rest. It
// embeds no buffer: that one's ReadFrom would take everything.
type bounded struct{ kept bytes.Buffer }

// Write never fails, so that the program can finish.
func (b *bounded) Write(p []byte) (int, error) {
	room := max(0, maxSecret+1-b.kept.Len())
	b.kept.Write(p[:min(room, len(p))])
	return len(p), nil
}

// line is the first line, shortened, as something that can be printed.
func (b *bounded) line() string {
	const most = 200
	first, _, _ := strings.Cut(strings.TrimSpace(b.kept.String()), "\n")
	first = strings.ToValidUTF8(first[:min(most, len(first))], "")
	first = strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, first)
	if first == "" {
		return "nothing"
	}
	return first
}
