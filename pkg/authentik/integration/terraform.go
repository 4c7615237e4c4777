package integration

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/hcl"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Terraform writes the integration as configuration for the provider
// goauthentik/authentik. Secrets are sensitive variables without a value. Where
// authentik is, and the token for it, the provider takes from AUTHENTIK_URL and
// AUTHENTIK_TOKEN. What the provider has no argument for is left out, and named
// in a comment.
func (d *Desired) Terraform() []byte {
	t := &terraform{desired: d, file: &hcl.Body{}, labels: map[string]string{}, taken: map[string]bool{}}
	for _, o := range d.Objects {
		t.label(o)
	}
	t.preamble()
	t.variables()
	t.sources()
	for _, o := range d.Objects {
		t.resource(o)
	}
	return t.file.Bytes()
}

// terraform is a file that is being written.
type terraform struct {
	desired *Desired
	file    *hcl.Body
	labels  map[string]string // of data sources and resources, by what they stand for
	taken   map[string]bool
}

// argument is the provider's name of a field, empty for one that it lacks.
func argument(o Object, field string) string {
	switch {
	case o.Kind == Application && field == "provider":
		return "protocol_provider"
	case o.Kind == SCIMProvider && field == discovery:
		return ""
	}
	return field
}

func (t *terraform) block(name string, labels ...string) *hcl.Body {
	t.file.Blank()
	return t.file.Block(name, labels...)
}

func (t *terraform) preamble() {
	t.file.Comment("Sentry's integration with authentik %s. AUTHENTIK_URL and AUTHENTIK_TOKEN say", t.desired.Release)
	t.file.Comment("where authentik is and how to get in.")
	if o := t.desired.object(idSCIM); o != nil && o.field(discovery) != nil {
		t.file.Comment("The provider has no %s: switch discovery off in authentik's interface.", discovery)
	}
	provider := &hcl.Body{}
	provider.Set("source", hcl.String("goauthentik/authentik"))
	provider.Set("version", hcl.String("~> "+providerLine(t.desired.Release)+".0"))
	t.block("terraform").Block("required_providers").Set("authentik", hcl.Object(provider))
}

// providerLine is the newest line of the provider that is not newer than the
// release: it follows authentik's own lines, and no others exist
// (registry.terraform.io/providers/goauthentik/authentik).
func providerLine(release string) string {
	line := "2025.10"
	for _, known := range []authentik.Release{{Year: 2025, Month: 12}, {Year: 2026, Month: 2}, {Year: 2026, Month: 5}, {Year: 2026, Month: 8}} {
		var wanted authentik.Release
		if _, err := fmt.Sscanf(release, "%d.%d", &wanted.Year, &wanted.Month); err == nil && !wanted.Before(known) {
			line = known.String()
		}
	}
	return line
}

func (t *terraform) variables() {
	for _, o := range t.desired.Objects {
		for _, f := range o.Fields {
			s, ok := f.Value.(Secret)
			if !ok {
				continue
			}
			body := t.block("variable", s.Variable)
			body.Set("description", hcl.String("The "+f.Name+" of the "+o.Kind.Words()+" "+o.Name))
			body.Set("type", hcl.Path("string"))
			body.Set("sensitive", hcl.Bool(true))
		}
	}
}

// sources writes a data source for each object that authentik has to have.
func (t *terraform) sources() {
	for _, l := range t.desired.lookups() {
		kind := l.Kind.facts().data
		label := t.unique(kind, l.Value)
		t.labels[lookupKey(l)] = label
		body := t.block("data", kind, label)
		body.Set(l.By, hcl.String(l.Value))
		if l.Kind == KeyPair { // the private key is not to be in the state
			body.Set("fetch_certificate", hcl.Bool(false))
			body.Set("fetch_key", hcl.Bool(false))
		}
	}
}

func lookupKey(l Lookup) string {
	return strings.Join([]string{"data", string(l.Kind), l.By, l.Value}, "\x00")
}

// lookups returns the objects that are referred to and not made, each once, in
// order of their first use.
func (d *Desired) lookups() []Lookup {
	var found []Lookup
	var visit func(Value)
	visit = func(value Value) {
		switch v := value.(type) {
		case Lookup:
			if !slices.Contains(found, v) {
				found = append(found, v)
			}
		case List:
			each(v, visit)
		case Includes:
			each(v, visit)
		case Own:
			each(v, visit)
		}
	}
	for _, o := range d.Objects {
		for _, f := range slices.Concat(o.Match, o.Fields) {
			visit(f.Value)
		}
	}
	return found
}

func each(values []Value, visit func(Value)) {
	for _, value := range values {
		visit(value)
	}
}

// label names a resource: by the integration, or by whom a binding is for.
func (t *terraform) label(o Object) {
	name := "sentry"
	if o.Kind == Binding {
		name = o.ID
	}
	if o.Kind != Backchannel {
		t.labels[o.ID] = t.unique(o.Kind.facts().resource, name)
	}
}

var notInLabels = pattern.New(`[^a-z0-9]+`)

// unique makes a label of a text, another for each text.
func (t *terraform) unique(kind, text string) string {
	base := strings.Trim(notInLabels().ReplaceAllString(strings.ToLower(text), "_"), "_")
	if base == "" || base[0] < 'a' {
		base = "x_" + base
	}
	label := base
	for i := 2; t.taken[kind+"."+label]; i++ {
		label = base + "_" + strconv.Itoa(i)
	}
	t.taken[kind+"."+label] = true
	return label
}

// resource writes an object. What the backchannel says of the application is
// written into the application: it is one resource.
func (t *terraform) resource(o Object) {
	if o.Kind == Backchannel {
		return
	}
	fields := slices.Concat(o.Match, o.Fields)
	if back := t.desired.object(idBackchannel); back != nil && o.Kind == Application {
		fields = append(fields, back.Fields...)
	}
	body := t.block("resource", o.Kind.facts().resource, t.labels[o.ID])
	for _, f := range fields {
		name := argument(o, f.Name)
		if name == "" || f.Value == nil { // an argument that is not there is null
			continue
		}
		value := t.value(f.Value)
		if o.Kind == KeyPair && f.Name != "name" {
			value = oneLineEnd(f.Value, value)
		}
		body.Set(name, value)
	}
	if o.Kind == SCIMProvider {
		t.keepToken(body)
	}
}

// keepToken leaves the token alone once the provider is made: authentik does not
// tell it (since 2026.2.7, 2026.5.7 and 2026.8.2), so that every plan would write it
// again, and every write starts a synchronisation.
func (t *terraform) keepToken(body *hcl.Body) {
	body.Blank()
	body.Comment("authentik does not tell its token: without this, every plan would write it again, and")
	body.Comment("each write starts a synchronisation. To write another token, remove this for one apply.")
	body.Block("lifecycle").Set("ignore_changes", hcl.List(hcl.Path("token")))
}

func (t *terraform) value(value Value) hcl.Expression {
	switch v := value.(type) {
	case Ref:
		return t.reference(string(v))
	case Lookup:
		return hcl.Path("data", v.Kind.facts().data, t.labels[lookupKey(v)], "id")
	case Secret:
		return hcl.Path("var", v.Variable)
	case List:
		return t.list(v)
	case Includes:
		return t.list(v)
	case Own:
		return t.list(v)
	case bool:
		return hcl.Bool(v)
	case int:
		return hcl.Int(v)
	case string:
		return text(v)
	}
	return hcl.Null()
}

// reference is an object's primary key; the application's id is its slug, and
// what bindings aim at its UUID.
func (t *terraform) reference(id string) hcl.Expression {
	o := t.desired.object(id)
	attribute := "id"
	if o.Kind == Application {
		attribute = "uuid"
	}
	return hcl.Path(o.Kind.facts().resource, t.labels[id], attribute)
}

func (t *terraform) list(values []Value) hcl.Expression {
	items := make([]hcl.Expression, 0, len(values))
	for _, value := range values {
		items = append(items, t.value(value))
	}
	return hcl.List(items...)
}
