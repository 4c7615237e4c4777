package cmd

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/zalando/go-keyring"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/setup"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// initSite looks at the servers as the file would have the commands do.
type initSite struct{ *initOptions }

var _ setup.Site = (*initSite)(nil)

// drafted is the configuration that the answers make. Variables that would win over
// them do not count: the answers are what is examined.
func (s *initSite) drafted(ctx context.Context, answers setup.Answers) (*config.Loaded, error) {
	content, err := s.content(answers)
	if err != nil {
		return nil, err
	}
	in := config.Input{Env: s.unanswered(), Draft: &config.Draft{Path: s.target, Content: content}, Within: within(ctx)}
	if s.named() != "" {
		in.File = s.target
	}
	return loadConfig(in)
}

// unanswered is the environment without what is asked for.
func (s *initSite) unanswered() []string {
	asked := map[string]bool{}
	for _, path := range setup.Asked() {
		setting := config.SettingOf(path)
		asked[setting.Env()], asked[setting.Env()+"_FILE"], asked[setting.Conventional] = true, true, true
	}
	return slices.DeleteFunc(slices.Clone(s.env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return asked[name]
	})
}

// probing is the app with the secrets that were typed.
func (s *initSite) probing(answers setup.Answers) *app {
	a := *s.app
	a.probing = true
	a.secrets = maps.Clone(answers.Typed)
	return &a
}

// Examine makes checks of doctor.
func (s *initSite) Examine(ctx context.Context, answers setup.Answers, codes ...string) (*doctor.Report, error) {
	loaded, err := s.drafted(ctx, answers)
	if err != nil {
		return nil, err
	}
	d := &examination{app: s.probing(answers), bound: defaultBound, only: codes}
	found, err := d.examine(ctx, loaded)
	s.told = d.told
	return found, err
}

// loginPath is where the login of a Sentry with a single organization leads
// (web/frontend/auth_login.py).
var loginPath = pattern.New(`/auth/login/([^/]+)/$`)

// Organization asks Sentry, and takes no answer for none.
func (s *initSite) Organization(ctx context.Context, answers setup.Answers) (string, error) {
	loaded, err := s.drafted(ctx, answers)
	if err != nil {
		return "", err
	}
	bounded, cancel := context.WithTimeout(ctx, defaultBound)
	defer cancel()
	client, err := s.plainClient(bounded, loaded.Config.Sentry.CAFile)
	if err != nil {
		return "", ctx.Err() // the checks of the address told it
	}
	base, _, err := sentry.ParseBase(loaded.Config.Sentry.URL)
	if err != nil {
		return "", err
	}
	_, body := get(bounded, client, base.String()+"/api/client-config/")
	told, err := sentry.ParseClientConfig(body)
	if err != nil || !told.SingleOrganization {
		return "", ctx.Err()
	}
	location, _ := get(bounded, client, base.String()+"/auth/login/")
	if found := loginPath().FindStringSubmatch(location); found != nil {
		if slug, err := sentry.ParseSlug(found[1]); err == nil {
			return string(slug), nil
		}
	}
	return "", ctx.Err()
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// get returns the path that an answer redirects to, and its body; nothing where
// there is none.
func get(ctx context.Context, client *http.Client, address string) (path string, body []byte) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", nil
	}
	resp, err := client.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		return "", nil
	}
	if location, err := resp.Location(); err == nil {
		path = location.Path
	}
	body, _ = transport.ReadAll(resp, maxAnswer)
	return path, body
}

// What is listed of authentik at most.
const (
	listPages    = 5
	listPageSize = 100
)

// Directory lists applications and groups by name.
func (s *initSite) Directory(ctx context.Context, answers setup.Answers) (setup.Directory, error) {
	loaded, err := s.drafted(ctx, answers)
	if err != nil {
		return setup.Directory{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, 2*defaultBound)
	defer cancel()
	client, err := s.probing(answers).authentikClient(bounded, loaded)
	if err != nil {
		return setup.Directory{}, err
	}
	var found setup.Directory
	applications, more, err := listed(bounded, client.Applications(), url.Values{"ordering": {"name"}, "superuser_full_list": {"true"}})
	if err != nil {
		return found, err
	}
	found.MoreApplications = more
	for _, one := range applications {
		if config.SettingOf(setup.Application).Check(one.Slug) == nil {
			found.Applications = append(found.Applications, ui.Option{Value: one.Slug, Label: one.Slug + " (" + one.Name + ")"})
		}
	}
	groups, more, err := listed(bounded, client.Groups(), url.Values{"include_users": {"false"}, "ordering": {"name"}})
	found.MoreGroups = more
	for _, one := range groups {
		if one.Name == "" || config.SettingOf(setup.BindGroups).Check(one.Name) != nil {
			found.Refused++
			continue
		}
		found.Groups = append(found.Groups, one.Name)
	}
	slices.Sort(found.Groups)
	found.Groups = slices.Compact(found.Groups)
	return found, err
}

// listed reads the first pages of a list, and how many there are beyond.
func listed[T interface{ Key() string }](ctx context.Context, of authentik.Resource[T], query url.Values) (items []T, more int, err error) {
	query.Set("page_size", strconv.Itoa(listPageSize))
	for n := 1; n <= listPages; n++ {
		page, err := of.Page(ctx, query, n)
		if err != nil {
			return nil, 0, err
		}
		items = append(items, page.Items...)
		more = max(0, page.Count-len(items))
		if page.Last {
			break
		}
	}
	return items, more, nil
}

// Secret reads a secret, and forgets it.
func (s *initSite) Secret(ctx context.Context, answers setup.Answers, path string) error {
	if _, typed := answers.Typed[path]; typed {
		return nil
	}
	_, err := answers.Reference(path).Resolve(ctx, secret.Sources{Env: s.env, Keyring: keyring.Get, Warn: s.term.Warn})
	return err
}

// Taken reports whether something has that name.
func (s *initSite) Taken(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
