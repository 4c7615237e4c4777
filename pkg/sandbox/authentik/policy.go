package authentik

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// bindings say whom an application lets in (authentik/policies/api/bindings.py).
func bindings() *kind {
	return &kind{
		path: pathBindings, name: "Policy Binding",
		fields: []field{
			ref("target", pathApplications).must(),
			{name: "order", shape: integer, required: true},
			ref("policy", pathPolicies), ref("group", pathGroups), ref("user", pathUsers),
			flag("negate", false), flag("enabled", true),
			{name: "timeout", shape: integer, standard: 30},
			flag("failure_result", false),
			{name: "expiring", shape: boolean, since: Release202608, standard: false, readOnly: true},
			{name: "expires", null: true, since: Release202608, readOnly: true},
		},
		filters: []string{"target", "order", "enabled", "policy"},
		check:   checkBinding,
		show: func(a *Authentik, o, out Object, _ url.Values) {
			out["policy_obj"], out["group_obj"], out["user_obj"] = nil, nil, nil
			if p := a.find(pathPolicies, o["policy"]); p != nil {
				out["policy_obj"] = a.kinds[pathPolicies].told(a, p, nil)
				delete(out["policy_obj"].(Object), "expression") //nolint:forcetypeassert // told above
			}
			if g := a.find(pathGroups, o["group"]); g != nil {
				out["group_obj"] = a.groupIn(g, partialGroup(a.config.Release)...)
			}
			if u := a.find(pathUsers, o["user"]); u != nil {
				out["user_obj"] = userIn(u)
			}
		},
	}
}

// checkBinding is PolicyBindingSerializer.validate: it looks at the request alone,
// also where one is changed.
func checkBinding(_ *Authentik, sent, _ Object) map[string][]string {
	n := 0
	for _, name := range []string{"policy", "group", "user"} {
		if sent[name] != nil {
			n++
		}
	}
	switch {
	case n == 0:
		return map[string][]string{nonField: {"One of 'group', 'policy', 'user' must be set."}}
	case n > 1:
		return map[string][]string{nonField: {"Only one of 'group', 'policy', 'user' can be set."}}
	}
	return nil
}

// expressionPolicies are written in Python; the state tells who passes them.
func expressionPolicies() *kind {
	return &kind{
		path: pathPolicies, name: "Expression Policy",
		fields: []field{{name: "name", required: true, unique: true}, {name: "expression", required: true}, flag("execution_logging", false)},
		facts:  model("ak-policy-expression-form", "authentik_policies_expression.expressionpolicy", "Expression Policy"),
		show: func(a *Authentik, o, out Object, _ url.Values) {
			bound := 0
			for _, b := range a.state.Objects[pathBindings] {
				if b["policy"] == o[pk] {
					bound++
				}
			}
			out["bound_to"] = bound
		},
	}
}

// judge says whether an application lets a user in
// (authentik/policies/engine.py): bindings to users and groups make one result,
// each policy another, and the mode of the application combines them. Before 2026.5
// one of those to users and groups is enough, whatever the mode is (#14957, mended
// by #20430).
func (a *Authentik) judge(application, user Object) (passing bool, messages []string) {
	either := application["policy_engine_mode"] != "all"
	static, results := []bool{}, []bool{}
	for _, b := range a.bindingsOf(application) {
		verdict := a.binds(b, user) != (b["negate"] == true)
		if b["policy"] == nil {
			static = append(static, verdict)
		} else {
			results = append(results, verdict)
		}
	}
	if len(static) > 0 {
		results = append(results, combine(either || !a.since(Release202605), static))
	}
	if len(results) == 0 {
		if a.state.NoDefaultAccess {
			return false, []string{"Application is not accessible by default"}
		}
		return true, nil
	}
	return combine(either, results), nil
}

func combine(either bool, results []bool) bool {
	if either {
		return slices.Contains(results, true)
	}
	return !slices.Contains(results, false)
}

// bindingsOf are the bindings of an application that count, in their order.
func (a *Authentik) bindingsOf(application Object) []Object {
	var list []Object
	for _, b := range a.state.Objects[pathBindings] {
		if b["target"] == application[pk] && b["enabled"] == true && !a.expired(b) {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(x, y Object) int { return cmp.Compare(number(x["order"]), number(y["order"])) })
	return list
}

func number(v any) int {
	n, _ := v.(int)
	return n
}

func (a *Authentik) expired(b Object) bool {
	text, _ := b["expires"].(string)
	at, err := time.Parse(time.RFC3339, text)
	return b["expiring"] == true && err == nil && a.config.Now().After(at)
}

func (a *Authentik) binds(b, user Object) bool {
	switch {
	case b["user"] != nil:
		return b["user"] == user[pk]
	case b["group"] != nil:
		return a.member(user, fmt.Sprint(b["group"]))
	}
	return slices.Contains(a.state.Passing[fmt.Sprint(b["policy"])], fmt.Sprint(user["username"]))
}

// member reports whether a user is in a group or in one below it.
func (a *Authentik) member(user Object, group string) bool {
	in, _ := user["groups"].([]any)
	seen := map[string]bool{}
	for len(in) > 0 {
		key := fmt.Sprint(in[0])
		in = in[1:]
		if key == group {
			return true
		}
		if !seen[key] {
			seen[key] = true
			above, _ := a.find(pathGroups, key)["parents"].([]any)
			in = append(slices.Clone(in), above...)
		}
	}
	return false
}
