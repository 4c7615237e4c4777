package cmd

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/schedule"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// scheduleDocument is the document of `schedule`. Times are the five fields of
// cron, in Timezone.
type scheduleDocument struct {
	Platform schedule.Platform `json:"platform"`
	Org      string            `json:"org"`
	Version  string            `json:"version"`
	Timezone string            `json:"timezone"`
	Push     string            `json:"push"`
	Check    string            `json:"check"`
	Secrets  []scheduleSecret  `json:"secrets"`
	Folder   string            `json:"folder,omitempty"` // that the files were written below
	Files    []scheduleFile    `json:"files"`
}

// scheduleSecret is a secret that the job has a reference to: Name is the one of
// the variable or file that has to hold it.
type scheduleSecret struct {
	Setting string `json:"setting"`
	Name    string `json:"name"`
}

// scheduleFile is a file of the job; Mode is in octal.
type scheduleFile struct {
	Path    string `json:"path"`
	Mode    string `json:"mode"`
	Content string `json:"content"`
}

var _ report.Document = (*scheduleDocument)(nil)

func scheduleDocumentOf(o *scheduleOptions, s schedule.Settings, files []schedule.File) *scheduleDocument {
	doc := &scheduleDocument{
		Platform: o.platform, Org: s.Org, Version: s.Release(), Timezone: s.Zone(),
		Push: s.Nightly().Cron(), Check: s.Weekly().Cron(), Folder: o.outDir,
	}
	for _, secret := range s.Secrets {
		name := map[schedule.Platform]string{schedule.GitHub: secret.Variable(), schedule.GitLab: secret.Env}[o.platform]
		if name == "" {
			name = secret.File()
		}
		doc.Secrets = append(doc.Secrets, scheduleSecret{Setting: secret.Setting, Name: name})
	}
	for _, f := range files {
		doc.Files = append(doc.Files, scheduleFile{Path: f.Path, Mode: fmt.Sprintf("%04o", f.Mode), Content: f.Content})
	}
	return doc
}

// RenderText writes a single file as it is, several each below its path, and files
// that were written by their paths alone.
func (d *scheduleDocument) RenderText(w io.Writer, s ui.Styles) error {
	if d.Folder != "" {
		var rows [][2]string
		for _, f := range d.Files {
			rows = append(rows, [2]string{"File", s.Code(ui.Printable(filepath.Join(d.Folder, filepath.FromSlash(f.Path))))})
		}
		for _, secret := range d.Secrets {
			rows = append(rows, [2]string{"Secret", fmt.Sprintf("%s (%s)", s.Code(secret.Name), secret.Setting)})
		}
		return s.Pairs(w, append(rows, [2]string{"Push", d.Push + " " + d.Timezone}, [2]string{"Check", d.Check + " " + d.Timezone}))
	}
	for i, f := range d.Files {
		if len(d.Files) > 1 {
			gap := map[bool]string{true: "\n"}[i > 0]
			if _, err := fmt.Fprintf(w, "%s# ==> %s (mode %s) <==\n", gap, f.Path, f.Mode); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(w, f.Content); err != nil {
			return err
		}
	}
	return nil
}
