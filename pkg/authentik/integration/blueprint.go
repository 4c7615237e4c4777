package integration

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const blueprintSchema = "https://goauthentik.io/blueprints/schema.json"

// Blueprint writes a part as an authentik blueprint (YAML, version 1). Secrets are
// not in it: authentik's worker takes them from its environment when the blueprint
// is applied.
func (d *Desired) Blueprint(part Part) ([]byte, error) {
	b := blueprint{guarded: d.guarded(part)}
	entries := &yaml.Node{Kind: yaml.SequenceNode, Content: b.guards()}
	for _, o := range d.Of(part) {
		entries.Content = append(entries.Content, b.entry(o))
	}
	title := map[Part]string{SAML: "Sentry: single sign-on", SCIM: "Sentry: provisioning"}[part]
	document := mapping(
		"version", scalar(1),
		"metadata", mapping("name", scalar(title)),
		"entries", entries,
	)
	document.HeadComment = d.blueprintComment(part)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("write the blueprint: %w", err)
	}
	return out.Bytes(), encoder.Close()
}

func (d *Desired) blueprintComment(part Part) string {
	lines := []string{"yaml-language-server: $schema=" + blueprintSchema, "", "For authentik " + d.Release + "."}
	for _, o := range d.Of(part) {
		for _, f := range o.Fields {
			if s, ok := f.Value.(Secret); ok {
				lines = append(lines, "authentik's worker needs the environment variable "+s.Env+".")
			}
		}
		if o.Kind == Backchannel {
			lines = append(lines, "The application's other backchannel providers, if it has any, are taken away.")
		}
		if f := o.field("filter_group"); f != nil {
			lines = append(lines, "If the group of filter_group is missing, everybody is sent: see that it exists.")
		}
	}
	return strings.Join(lines, "\n")
}

// blueprint is a document that is being written.
type blueprint struct{ guarded []Lookup }

// guarded are the lookups of a part whose object could be missing without a word:
// !Find gives nothing then (authentik/blueprints/v1/common.py), and nothing is a
// value of these fields. A missing flow, group or user of a binding is refused.
func (d *Desired) guarded(part Part) []Lookup {
	return slices.DeleteFunc((&Desired{Objects: d.Of(part)}).lookups(), func(l Lookup) bool {
		return l.Kind != KeyPair && l.Kind != SAMLMapping && l.Kind != SCIMMapping
	})
}

// guards are entries that make nothing: an object that is there stays as it is, and
// one that is missing cannot be made of its name alone, so that the import fails
// and takes everything back (authentik/blueprints/v1/importer.py).
func (b blueprint) guards() []*yaml.Node {
	nodes := make([]*yaml.Node, 0, len(b.guarded))
	for i, l := range b.guarded {
		node := mapping("model", scalar(l.Kind.Model()), "id", scalar(guardID(l)), "state", scalar("created"), "identifiers", mapping(l.By, scalar(l.Value)))
		if i == 0 {
			node.HeadComment = b.guardComment()
		}
		nodes = append(nodes, node)
	}
	return nodes
}

func (b blueprint) guardComment() string {
	missing := "a mapping, the import fails here\nand nothing is changed: !Find would give nothing and leave it out."
	if slices.ContainsFunc(b.guarded, func(l Lookup) bool { return l.Kind == KeyPair }) {
		missing = "the certificate, the import fails here\nand nothing is changed: !Find would give nothing and leave the provider unsigned."
	}
	return "These must exist. If one is missing, such as " + missing + "\nWhoever imports this needs the permissions to add, change and delete them."
}

// guardID names the entry; a part refers to one certificate at most.
func guardID(l Lookup) string {
	if l.Kind == KeyPair {
		return "existing-certificate"
	}
	return "existing-mapping-" + shorter(l.Value)
}

func (b blueprint) entry(o Object) *yaml.Node {
	node := mapping("model", scalar(o.Kind.Model()))
	if o.referable() {
		node.Content = append(node.Content, scalar("id"), scalar(o.ID))
	}
	node.Content = append(node.Content, scalar("identifiers"), b.fields(o.Match))
	if len(o.Fields) > 0 {
		node.Content = append(node.Content, scalar("attrs"), b.fields(o.Fields))
	}
	return node
}

// referable reports whether others refer to the object.
func (o Object) referable() bool { return o.Kind != Binding && o.Kind != Backchannel }

func (b blueprint) fields(fields []Field) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fields {
		node.Content = append(node.Content, scalar(f.Name), b.value(f.Value))
	}
	return node
}

func (b blueprint) value(value Value) *yaml.Node {
	switch v := value.(type) {
	case Ref:
		return tagged("!KeyOf", scalar(string(v)))
	case Lookup:
		if slices.Contains(b.guarded, v) {
			return tagged("!KeyOf", scalar(guardID(v)))
		}
		return tagged("!Find", sequence(scalar(v.Kind.Model()), sequence(scalar(v.By), scalar(v.Value))))
	case Secret:
		return tagged("!Env", scalar(v.Env))
	case List:
		return b.list(v)
	case Includes:
		return b.list(v)
	case Own:
		return b.list(v)
	}
	return scalar(value)
}

func (b blueprint) list(values []Value) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for _, value := range values {
		node.Content = append(node.Content, b.value(value))
	}
	if len(values) == 0 {
		node.Style = yaml.FlowStyle
	}
	return node
}

func tagged(tag string, node *yaml.Node) *yaml.Node {
	node.Tag = tag
	node.Style |= yaml.TaggedStyle
	return node
}

// sequence is written on one line, as blueprints write what their tags take.
func sequence(nodes ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: nodes}
}

// mapping takes keys and nodes in turn.
func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, item := range pairs {
		if child, ok := item.(*yaml.Node); ok {
			node.Content = append(node.Content, child)
			continue
		}
		node.Content = append(node.Content, scalar(item))
	}
	return node
}

// scalar writes a text, number, truth or nothing so that it is read back as that.
func scalar(value any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode}
	switch v := value.(type) {
	case nil:
		node.Tag, node.Value = "!!null", "null"
	case bool:
		node.Tag, node.Value = "!!bool", strconv.FormatBool(v)
	case int:
		node.Tag, node.Value = "!!int", strconv.Itoa(v)
	default:
		node.SetString(fmt.Sprint(v))
	}
	return node
}
