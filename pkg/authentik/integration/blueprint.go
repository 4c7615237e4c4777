package integration

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const blueprintSchema = "https://goauthentik.io/blueprints/schema.json"

// Blueprint writes a part as an authentik blueprint (YAML, version 1). Secrets are
// not in it: authentik's worker takes them from its environment when the blueprint
// is applied.
func (d *Desired) Blueprint(part Part) ([]byte, error) {
	entries := &yaml.Node{Kind: yaml.SequenceNode}
	for _, o := range d.Of(part) {
		entries.Content = append(entries.Content, entry(o))
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
	}
	return strings.Join(lines, "\n")
}

func entry(o Object) *yaml.Node {
	node := mapping("model", scalar(o.Kind.Model()))
	if o.referable() {
		node.Content = append(node.Content, scalar("id"), scalar(o.ID))
	}
	node.Content = append(node.Content, scalar("identifiers"), fieldsNode(o.Match))
	if len(o.Fields) > 0 {
		node.Content = append(node.Content, scalar("attrs"), fieldsNode(o.Fields))
	}
	return node
}

// referable reports whether others refer to the object.
func (o Object) referable() bool { return o.Kind != Binding && o.Kind != Backchannel }

func fieldsNode(fields []Field) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fields {
		node.Content = append(node.Content, scalar(f.Name), valueNode(f.Value))
	}
	return node
}

func valueNode(value Value) *yaml.Node {
	switch v := value.(type) {
	case Ref:
		return tagged("!KeyOf", scalar(string(v)))
	case Lookup:
		return tagged("!Find", sequence(scalar(v.Kind.Model()), sequence(scalar(v.By), scalar(v.Value))))
	case Secret:
		return tagged("!Env", scalar(v.Env))
	case List:
		return listNode(v)
	case Includes:
		return listNode(v)
	case Own:
		return listNode(v)
	}
	return scalar(value)
}

func listNode(values []Value) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for _, value := range values {
		node.Content = append(node.Content, valueNode(value))
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
