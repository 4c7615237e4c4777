// Package schedule writes the definition of a job that pushes every night and
// checks every week, for GitHub Actions, GitLab CI, Kubernetes, systemd and cron.
// Everything in it that comes from a configuration is quoted for the place where
// it stands, and secrets are references alone.
package schedule

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Platform is what runs a job.
type Platform string

// The platforms.
const (
	GitHub     Platform = "github"
	GitLab     Platform = "gitlab"
	Kubernetes Platform = "kubernetes"
	Systemd    Platform = "systemd"
	Cron       Platform = "cron"
)

// Settings is what a job is written from. Org is a slug that sentry.ParseSlug
// accepts; Version is a release, or anything else for a build that is not one; Config
// has the settings of the job, nested as in a configuration file and without secrets;
// Timezone is a name that CheckTimezone accepts.
type Settings struct {
	Org         string
	Version     string
	Config      map[string]any
	StateDir    string // of cron; empty: the user's
	Secrets     []Secret
	Files       []Input
	Ports       []int  // of Sentry and authentik
	Authentik   bool   // its API says what it signs with
	MetadataURL string // of the identity provider, where authentik is not asked; empty: not known
	Timezone    string // empty: UTC
	Push        Time   // zero: it follows from Org
	Shards      int    // of Kubernetes: pods that share the profiles of Config; 0: Config is for Org alone
}

// Secret is a setting that is a secret. The job has a reference to it: a variable,
// or a file that Config names.
type Secret struct {
	Setting string // its path
	Env     string // its variable, with _FILE the one that names a file; empty: Config names the file
	Key     string // name of the file; empty: it follows from Setting
	Push    bool   // the push needs it; the checks have all
}

// TokenFolder is where a pod of Kubernetes has the files of secrets.
const TokenFolder = "/run/secrets/sentryidp" //nolint:gosec // a path

// Input is a setting that names a file which the job reads.
type Input struct {
	Setting string
	Env     string
	Path    string // as it is set
}

// File is a part of a job definition. Path is relative to the root of the
// repository or machine (systemd), or to the folder of the job (cron).
type File struct {
	Path    string
	Mode    fs.FileMode
	Content string
}

//go:embed templates
var templates embed.FS

// Name is what everything that belongs to the organization is called: letters,
// digits and - alone, at most 42 characters, as names in Kubernetes leave room for
// the suffixes of a job and a pod (52 for a CronJob).
func (s Settings) Name() string {
	if s.Shards > 0 {
		return "sentryidp-profiles"
	}
	const longest = 42
	name := "sentryidp-" + strings.Trim(strings.ReplaceAll(s.Org, "_", "-"), "-")
	if name == "sentryidp-"+s.Org && len(name) <= longest {
		return name
	}
	short := strings.TrimRight(name[:min(len(name), longest-7)], "-")
	return fmt.Sprintf("%s-%06x", short, number("name", s.Org)&0xffffff)
}

// User is who the services of systemd run as. They share the state, and a service
// with a user of its own would take it from the one that runs.
func (s Settings) User() string {
	const longest = 31 // systemd.exec(5), User=
	if name := s.Name(); len(name) <= longest {
		return name
	}
	return fmt.Sprintf("sentryidp-%016x", number("user", s.Org))
}

// Folder is the name of the organization's folder among those of others.
func (s Settings) Folder() string { return strings.TrimPrefix(s.Name(), "sentryidp-") }

// release is the form of the version of a release, and pseudo what tells the version
// of a Go module that has no release.
var (
	release = pattern.New(`^v?([0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?)$`)
	pseudo  = pattern.New(`[0-9]{14}-[0-9a-f]{12}`)
)

// Placeholder stands for the version where the job is written by a build that is
// no release.
const Placeholder = "X.Y.Z"

// Release returns the version of the job without a leading v, or the Placeholder.
func (s Settings) Release() string {
	found := release().FindStringSubmatch(s.Version)
	if found == nil || pseudo().MatchString(s.Version) {
		return Placeholder
	}
	return found[1]
}

// The greatest size of the settings, in bytes: of a ConfigMap
// (https://kubernetes.io/docs/concepts/configuration/configmap/), and of the variable
// SETTINGS, as Linux takes it (execve(2), MAX_ARG_STRLEN).
const (
	maxConfigMap = 1 << 20
	maxVariable  = 128<<10 - len("SETTINGS=\x00")
)

// fits refuses settings that are larger than a place of the platform.
func (s Settings) fits(place string, limit int) error {
	text, err := s.ConfigText()
	if err != nil || len(text) <= limit {
		return err
	}
	return fault.Hint(fault.Usagef("the settings have %d bytes, and %s has at most %d", len(text), place, limit), "shorten them, such as by patterns for scim.groups, or write a job for systemd or cron")
}

// Files returns the job for a platform, the file to begin with first.
func Files(platform Platform, s Settings) ([]File, error) {
	switch platform {
	case GitHub:
		if err := s.fits("a variable", maxVariable); err != nil {
			return nil, err
		}
		return render(s, part{"github.yml", ".github/workflows/" + s.Name() + ".yml", 0o644, nil})
	case GitLab:
		if err := s.fits("a variable", maxVariable); err != nil {
			return nil, err
		}
		return render(s, part{"gitlab.yml", ".gitlab-ci.yml", 0o644, nil})
	case Kubernetes:
		if err := s.fits("a ConfigMap", maxConfigMap); err != nil {
			return nil, err
		}
		return render(s, part{"kubernetes.yaml", s.Name() + ".yaml", 0o644, nil})
	case Systemd:
		return render(s, systemdParts(s)...)
	case Cron:
		return render(s, part{"job", "job", 0o700, nil}, part{"crontab", "crontab", 0o644, nil}, part{"settings", "settings.yaml", 0o600, nil})
	}
	return nil, fmt.Errorf("no job is known for %q", platform)
}

// part is a file that is written from a template.
type part struct {
	template string
	path     string
	mode     fs.FileMode
	task     *Task // that the file is about
}

func systemdParts(s Settings) []part {
	const units = "etc/systemd/system/"
	var parts []part
	for _, t := range s.Tasks() {
		name := units + s.Name() + "-" + t.Name
		parts = append(parts, part{"service", name + ".service", 0o644, &t}, part{"timer", name + ".timer", 0o644, &t})
	}
	return append(parts,
		part{"alert", units + s.Name() + "-alert@.service", 0o644, nil},
		part{"settings", path.Join("etc/sentryidp", s.Folder(), "settings.yaml"), 0o644, nil})
}

// view is what a template sees.
type view struct {
	Settings

	Task *Task
}

// cronjob is a CronJob of Kubernetes, with a container for each of its tasks.
type cronjob struct {
	Settings

	Kind       string
	When       Time
	Containers []Task
}

// Pushes reports whether the CronJob pushes.
func (c cronjob) Pushes() bool { return c.Containers[0].IsPush() }

// Parallel is how many pods run at once.
func (c cronjob) Parallel() int { return min(c.Shards, 4) }

func cronjobs(s Settings) []cronjob {
	return []cronjob{
		{s, "push", s.Nightly(), []Task{{"push", s.PushArgs("/var/lib/sentryidp"), s.Nightly()}}},
		{s, "check", s.Weekly(), s.Checks()},
	}
}

func render(s Settings, parts ...part) ([]File, error) {
	all, err := template.New("").Delims("[[", "]]").Option("missingkey=error").Funcs(functions()).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	files := make([]File, 0, len(parts))
	for _, p := range parts {
		var out bytes.Buffer
		if err := all.ExecuteTemplate(&out, p.template+".tmpl", view{s, p.task}); err != nil {
			return nil, err
		}
		files = append(files, File{Path: p.path, Mode: p.mode, Content: out.String()})
	}
	return files, nil
}
