package integration

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// AttributeSet is what authentik sends of a user.
type AttributeSet struct {
	// Checked is false where authentik was not asked, or could not say; Reason
	// tells why.
	Checked bool   `json:"checked"`
	Reason  string `json:"reason"`
	// Provider and User are the names of the SAML provider and of the user.
	Provider string `json:"provider"`
	User     string `json:"user"`
	// Names are those of all attributes that are sent, sorted.
	Names []string `json:"names"`
	// Twice are the names that are sent several times, to which Sentry answers HTTP 500.
	Twice []string `json:"twice"`
}

// The verdicts on an attribute.
const (
	SentOnce    = "sent"
	SentNot     = "not_sent"
	SentEmpty   = "empty"
	SentSeveral = "sent_twice"
)

// Sent is what authentik sends for a row.
type Sent struct {
	Verdict string `json:"verdict"` // sent, not_sent, empty or sent_twice
	Value   string `json:"value"`   // the first, which Sentry takes
	// Instead is the name under which the value is sent that belongs into the field,
	// where the row's own name is not sent; empty for none.
	Instead string `json:"instead"`
	Fix     string `json:"fix"` // empty where nothing has to be done
}

// Ask asks authentik what the application's SAML provider sends of the user, and
// notes it in the rows. An empty username is that of the token's owner, whose
// missing values are no mistake of the integration. What is not there to be asked
// is the Reason; a request that fails is an error.
func (a *Attributes) Ask(ctx context.Context, client *authentik.Client, application, username string) error {
	chosen := username != ""
	app, err := client.Applications().Get(ctx, application)
	if errors.Is(err, authentik.ErrNotFound) || err == nil && app.Provider == nil {
		a.Preview.Reason = fmt.Sprintf("authentik has no application %s with a provider; 'sentryidp authentik apply' makes it", application)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the application %s: %w", application, err)
	}
	provider, err := client.SAMLProviders().Get(ctx, strconv.Itoa(*app.Provider))
	if errors.Is(err, authentik.ErrNotFound) {
		a.Preview.Reason = fmt.Sprintf("the provider of the application %s is not a SAML provider, or the token may not see it", application)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the provider of the application %s: %w", application, err)
	}
	user, err := subjectOf(ctx, client, username)
	if err != nil {
		return err
	}
	preview, err := client.PreviewSAML(ctx, provider.Key(), user.PK)
	if err != nil {
		return fmt.Errorf("preview what %s sends: %w", provider.Name, err)
	}
	a.Preview = AttributeSet{Checked: true, Provider: provider.Name, User: user.Username, Names: []string{}, Twice: []string{}}
	a.note(preview, user, chosen)
	return nil
}

// subjectOf is the user of that name, or the one who owns the token.
func subjectOf(ctx context.Context, client *authentik.Client, username string) (authentik.User, error) {
	if username == "" {
		self, err := client.Self(ctx)
		if err != nil {
			return authentik.User{}, fmt.Errorf("ask whose the token is: %w", err)
		}
		username = self.Username
	}
	user, found, err := client.Users().Find(ctx, url.Values{"username": {username}, "include_groups": {"false"}})
	if err != nil {
		return authentik.User{}, fmt.Errorf("find the user %s: %w", username, err)
	}
	if !found || user.Username != username {
		return authentik.User{}, fault.Hint(fault.New(fault.Failed, "authentik has no user with the username %q", username), "--user takes a username as Directory > Users shows it")
	}
	return user, nil
}

// note compares the rows with a preview.
func (a *Attributes) note(preview authentik.Preview, user authentik.User, chosen bool) {
	count := map[string]int{}
	values := map[string]string{}
	for _, sent := range preview.Attributes {
		if count[sent.Name]++; count[sent.Name] == 1 {
			a.Preview.Names = append(a.Preview.Names, sent.Name)
			values[sent.Name] = strings.Join(sent.Values[:min(1, len(sent.Values))], "")
		}
	}
	slices.Sort(a.Preview.Names)
	for _, name := range a.Preview.Names {
		if count[name] > 1 {
			a.Preview.Twice = append(a.Preview.Twice, name)
		}
	}
	wanted := map[string]string{"identifier": strconv.Itoa(user.PK), "email": user.Email, "first_name": user.Name}
	for i := range a.Rows {
		if row := &a.Rows[i]; row.Attribute != "" {
			row.Sent = &Sent{Verdict: SentOnce, Value: values[row.Attribute]}
			switch {
			case count[row.Attribute] == 0:
				row.Sent.Verdict, row.Sent.Instead = SentNot, a.instead(values, wanted[row.Field])
				row.Sent.Fix = a.fix(*row)
			case count[row.Attribute] > 1:
				row.Sent.Verdict, row.Sent.Fix = SentSeveral, "remove one of the property mappings with this SAML attribute name from the provider: Sentry answers HTTP 500"
			case row.Sent.Value == "":
				row.Sent.Verdict, row.Sent.Fix = SentEmpty, emptyFix(row.Required, chosen, user.Username)
			}
		}
	}
}

// instead is the one name under which the value is sent, if it is only one.
func (a *Attributes) instead(values map[string]string, wanted string) string {
	var found []string
	for _, name := range a.Preview.Names {
		if wanted != "" && values[name] == wanted {
			found = append(found, name)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// fix says how the name of a row gets sent.
func (a *Attributes) fix(row Attribute) string {
	send := fmt.Sprintf("create the property mapping %q with the SAML attribute name %s and select it at the provider", row.Source.Name, row.Attribute)
	if row.Source.Managed != "" {
		send = fmt.Sprintf("select %q at the provider, or run 'sentryidp authentik apply'", row.Source.Name)
	}
	if row.Sent.Instead != "" && a.Typed {
		return fmt.Sprintf("type %s, or %s", row.Sent.Instead, send)
	}
	return send
}

func emptyFix(required, chosen bool, username string) string {
	switch {
	case !chosen:
		return username + " owns the token and has no such value: name another user with --user"
	case required:
		return fmt.Sprintf("give %s a value in authentik: Sentry refuses the login without it", username)
	}
	return ""
}

// Problems counts what keeps users from logging in: names that are not sent or
// sent twice, and required values that a chosen user lacks.
func (a *Attributes) Problems(chosen bool) int {
	problems := len(a.Preview.Twice)
	for _, row := range a.Rows {
		if row.Sent == nil {
			continue
		}
		missing := row.Sent.Verdict == SentNot && row.Required
		lacking := row.Sent.Verdict == SentEmpty && row.Required && chosen
		if missing || lacking {
			problems++
		}
	}
	return problems
}
