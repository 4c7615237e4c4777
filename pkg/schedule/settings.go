package schedule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// ConfigText is the configuration file of the job.
func (s Settings) ConfigText() (string, error) {
	plain, err := plainValue(s.Config)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(node(plain)); err != nil {
		return "", fmt.Errorf("write the settings: %w", err)
	}
	return out.String(), encoder.Close()
}

// plainValue is a value of a setting as JSON has it: maps, lists, texts, numbers
// and truths.
func plainValue(value any) (any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write the settings: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var plain any
	err = decoder.Decode(&plain)
	return plain, err
}

// node is a plain value of YAML, made here because yaml.Node.Encode fails for some
// texts. A text that is more than one line of graphic characters is escaped: YAML 1.1
// breaks lines at U+0085, U+2028 and U+2029 too, and the file has to say the same
// when its lines are indented.
func node(value any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode}
	switch v := value.(type) {
	case map[string]any:
		n.Kind = yaml.MappingNode
		for _, key := range slices.Sorted(maps.Keys(v)) {
			n.Content = append(n.Content, node(key), node(v[key]))
		}
	case []any:
		n.Kind = yaml.SequenceNode
		for _, entry := range v {
			n.Content = append(n.Content, node(entry))
		}
	case json.Number:
		n.Tag, n.Value = "!!int", v.String()
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	case string:
		n.Tag, n.Value = "!!str", v
		if strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	return n
}
