package authentik

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// act answers what can be done to an object beyond reading and writing it.
func (a *Authentik) act(c *call, k *kind, o Object, action string) reply {
	get := c.Method == http.MethodGet
	switch {
	case k.path == pathApplications && action == "check_access" && get:
		return a.checkAccess(c, o)
	case k.path == pathKeyPairs && action == "view_certificate" && get:
		return viewPEM(c, o, "certificate_data", "certificate")
	case k.path == pathKeyPairs && action == "view_private_key" && get:
		return viewPEM(c, o, "key_data", "private_key")
	case k.path == pathGroups && (action == "add_user" || action == "remove_user") && c.Method == http.MethodPost:
		return a.membership(c, o, action == "add_user")
	case k.path == pathSAML && action == "preview_user" && get:
		return a.previewUser(c, o)
	case k.path == pathSCIM && action == "sync/status" && get:
		return a.syncStatus(o)
	case k.path == pathSCIM && action == "sync/object" && c.Method == http.MethodPost:
		return a.syncObject(c, o)
	case k.path == pathSchedules && action == "send" && c.Method == http.MethodPost:
		return a.sendSchedule(o)
	}
	return notFound()
}

// checkAccess says whether somebody may use an application. Only superusers learn
// of others: everybody else is told about themselves
// (authentik/core/api/applications.py check_access).
func (a *Authentik) checkAccess(c *call, application Object) reply {
	user := a.owner()
	if asked := c.URL.Query().Get("for_user"); asked != "" && user["is_superuser"] == true {
		if user = a.find(pathUsers, asked); user == nil {
			return reply{status: http.StatusBadRequest, body: Object{"for_user": "User not found"}}
		}
	}
	passing, messages := a.judge(application, user)
	return reply{status: http.StatusOK, body: Object{"passing": passing, "messages": append([]string{}, messages...), "log_messages": []string{}}}
}

func (a *Authentik) membership(c *call, group Object, add bool) reply {
	if bad := c.decode(); bad != nil {
		return *bad
	}
	user := a.find(pathUsers, plain(c.sent[pk]))
	if user == nil || !a.viewer(a.kinds[pathUsers])(user) {
		return notFound()
	}
	in, _ := user["groups"].([]any)
	in = slices.DeleteFunc(slices.Clone(in), func(g any) bool { return g == group[pk] })
	if add {
		in = append(in, group[pk])
	}
	user["groups"] = in
	a.forget()
	return reply{status: http.StatusNoContent}
}

// testMapping runs a mapping for a user
// (authentik/core/api/property_mappings.py test).
func (a *Authentik) testMapping(c *call) reply {
	key, action, _ := strings.Cut(strings.TrimPrefix(c.path, "propertymappings/all/"), "/")
	mapping := a.find(pathSCIMMappings, key)
	if mapping == nil {
		mapping = a.find(pathSAMLMappings, key)
	}
	switch {
	case mapping == nil || action != "test":
		return notFound()
	case c.Method != http.MethodPost:
		return notAllowed(c.Method)
	}
	if bad := c.decode(); bad != nil {
		return *bad
	}
	of, problems := a.subjectOf(c.sent)
	if len(problems) > 0 {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	result, err := a.evaluate(mapping, of)
	if err != nil {
		return reply{status: http.StatusOK, body: Object{"result": err.Error(), "successful": false}}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if c.URL.Query().Get("format_result") == "true" {
		encoder.SetIndent("", "    ")
	}
	if err := encoder.Encode(result); err != nil {
		return detail(http.StatusInternalServerError, err.Error())
	}
	return reply{status: http.StatusOK, body: Object{"result": strings.TrimSpace(out.String()), "successful": true}}
}

// subjectOf is whom and what a test of a mapping is about: either may be null.
func (a *Authentik) subjectOf(sent Object) (subject, Object) {
	problems := Object{}
	one := func(name, path string) Object {
		if sent[name] == nil {
			return nil
		}
		o := a.find(path, plain(sent[name]))
		if o == nil {
			problems[name] = []string{fmt.Sprintf("Invalid pk %q - object does not exist.", fmt.Sprint(sent[name]))}
		}
		return o
	}
	return subject{user: one("user", pathUsers), group: one("group", pathGroups)}, problems
}
