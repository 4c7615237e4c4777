package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// renderJSON writes a value as JSON that can be printed: control and format
// characters are escaped (RFC 8259, section 7), bytes that are not UTF-8 become
// U+FFFD.
func renderJSON(out *bytes.Buffer, value any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	escapeControls(out, text.String(), func(r rune) string {
		if high, low := utf16.EncodeRune(r); high != '\uFFFD' {
			return fmt.Sprintf(`\u%04x\u%04x`, high, low)
		}
		return fmt.Sprintf(`\u%04x`, r)
	})
	return nil
}

// renderYAML goes by way of JSON, so that both have the same keys, values and
// order. Texts with control characters stand in double quotes, where they can be
// escaped (YAML 1.2, section 5.7).
func renderYAML(out *bytes.Buffer, doc Document) error {
	asJSON, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(asJSON))
	dec.UseNumber()
	node, err := yamlNode(dec)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(node), enc.Close()); err != nil {
		return err
	}
	escapeControls(out, text.String(), func(r rune) string {
		if r > 0xFFFF {
			return fmt.Sprintf(`\U%08X`, r)
		}
		return fmt.Sprintf(`\u%04X`, r)
	})
	return nil
}

// escapeControls copies a document and escapes the characters that a terminal or
// an editor would obey. They stand in texts alone, but for line breaks.
func escapeControls(out *bytes.Buffer, text string, escape func(rune) string) {
	for {
		i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && ui.IsControl(r) })
		if i < 0 {
			out.WriteString(text)
			return
		}
		out.WriteString(text[:i])
		r := []rune(text[i:min(len(text), i+4)])[0]
		out.WriteString(escape(r))
		text = text[i+len(string(r)):]
	}
}

// yamlNode reads the next JSON value as a node of YAML.
func yamlNode(dec *json.Decoder) (*yaml.Node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch value := token.(type) {
	case json.Delim:
		kind := yaml.MappingNode
		if value == '[' {
			kind = yaml.SequenceNode
		}
		return yamlTree(dec, kind)
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: styleOf(value)}, nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(token)}, nil // a number or a truth
}

// yamlTree reads the rest of an object or a list, an empty one as {} or [].
func yamlTree(dec *json.Decoder, kind yaml.Kind) (*yaml.Node, error) {
	tree := &yaml.Node{Kind: kind}
	for dec.More() {
		child, err := yamlNode(dec)
		if err != nil {
			return nil, err
		}
		if isKey := kind == yaml.MappingNode && len(tree.Content)%2 == 0; isKey && oldYAML().MatchString(child.Value) {
			child.Style = 0 // keys are names of ours
		}
		tree.Content = append(tree.Content, child)
	}
	if len(tree.Content) == 0 {
		tree.Style = yaml.FlowStyle
	}
	_, err := dec.Token() // the closing brace or bracket
	return tree, err
}

// oldYAML matches texts that YAML 1.1 takes for a truth value or a number of
// base 60, and YAML 1.2 for a text.
var oldYAML = pattern.New(`^(?i:y|n|yes|no|on|off|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)$`)

// styleOf is the style in which every reader of YAML finds the same text: as it
// is, as lines, or in double quotes.
func styleOf(text string) yaml.Style {
	control := strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && ui.IsControl(r) })
	indented := strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\n")
	if control || oldYAML().MatchString(text) || indented && strings.Contains(text, "\n") {
		return yaml.DoubleQuotedStyle
	}
	return 0
}
