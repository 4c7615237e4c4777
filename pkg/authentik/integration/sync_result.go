package integration

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// SyncResult is the document of a sync.
type SyncResult struct {
	Application string     `json:"application"`
	Provider    string     `json:"provider"`
	Schedule    string     `json:"schedule"` // as in crontab
	DryRun      bool       `json:"dry_run"`  // of the provider: nothing was sent to Sentry
	Complete    bool       `json:"complete"` // every task that was seen has ended
	Tasks       []SyncTask `json:"tasks"`
	Errors      int        `json:"errors"`   // tasks that failed
	Warnings    int        `json:"warnings"` // tasks that warn
}

// SyncTask is one task, by what it is about.
type SyncTask struct {
	Name     string        `json:"name"`
	Status   string        `json:"status"`
	Messages []SyncMessage `json:"messages"`
}

// SyncMessage is a line that a task wrote.
type SyncMessage struct {
	Level string `json:"level"`
	Text  string `json:"text"`
}

func (r *SyncResult) add(tasks []authentik.Task) {
	for _, t := range tasks {
		task := SyncTask{Name: answer.Printable(taskName(t)), Status: t.Status(), Messages: []SyncMessage{}}
		for _, line := range t.Logs {
			task.Messages = append(task.Messages, SyncMessage{strings.ToLower(answer.Printable(line.LogLevel)), answer.Printable(line.Event)})
		}
		switch task.Status {
		case "error", "rejected":
			r.Errors++
		case "warning":
			r.Warnings++
		}
		r.Tasks = append(r.Tasks, task)
	}
	slices.SortStableFunc(r.Tasks, func(a, b SyncTask) int { return strings.Compare(a.Name, b.Name) })
}

// taskName is what a task is about, or the last part of the name of what it does.
func taskName(t authentik.Task) string {
	if about := strings.TrimPrefix(t.UID, t.ActorName+":"); about != "" && about != t.ActorName {
		return about
	}
	return t.ActorName[strings.LastIndex(t.ActorName, ".")+1:]
}

var _ report.Document = (*SyncResult)(nil)

// maxShown is the number of tasks up to which people are shown all.
const maxShown = 30

// RenderText writes a line for each task, what it wrote, and a closing line. Of many
// tasks those that went well are counted.
func (r *SyncResult) RenderText(w io.Writer, s ui.Styles) error {
	t := &printer{styles: s}
	brief, well := len(r.Tasks) > maxShown, 0
	for _, task := range r.Tasks {
		if brief && (task.Status == "done" || task.Status == "info") {
			well++
			continue
		}
		mark := s.Good("ok")
		switch task.Status {
		case "error", "rejected":
			mark = s.Bad("failed")
		case "warning":
			mark = s.Warn("warning")
		case "done", "info":
		default:
			mark = s.Dim(ui.Printable(task.Status))
		}
		t.line("%s %s", mark, task.Name)
		for _, m := range task.Messages {
			t.line("  %s %s", s.Dim(m.Level+":"), m.Text)
		}
	}
	if well > 0 {
		t.line("%s %d more tasks", s.Good("ok"), well)
	}
	if r.DryRun {
		t.line("%s the provider is on dry run: authentik sent nothing to Sentry", s.Warn("note:"))
	}
	t.line("%s", r.closing(s))
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (r *SyncResult) closing(s ui.Styles) string {
	tasks := strconv.Itoa(len(r.Tasks)) + " tasks of " + ui.Printable(r.Provider)
	if !r.Complete {
		return s.Bad("left") + ": authentik goes on with " + tasks
	}
	if r.Errors > 0 {
		return s.Bad("failed") + ": " + strconv.Itoa(r.Errors) + " of " + tasks
	}
	return s.Good("done") + ": " + tasks + ", " + strconv.Itoa(r.Warnings) + " with warnings"
}
