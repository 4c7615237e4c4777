package schedule

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// functions are those of the templates. Each quotes for one kind of place.
func functions() template.FuncMap {
	return template.FuncMap{
		"indent":   indent,
		"cronjobs": cronjobs,
		"explain":  explain,
		"gitPath":  gitPath,
		"github":   githubText,
		"ints":     ints,
		"kubeArgs": kubeArgs,
		"shell":    shellWords,
		"systemd":  systemdWords,
		"word":     func(text string) string { return shellWords([]string{text}) },
		"yaml":     yamlText,
	}
}

// yamlText is a scalar of YAML that is the text, whatever is in it. Every escape of
// Go is one of YAML's too (YAML 1.2, section 5.7).
func yamlText(text string) string { return strconv.Quote(text) }

// indent indents the lines of a text as the body of a literal block of YAML.
// The text has no line that begins with a blank: a document of YAML begins with a
// key.
func indent(columns int, text string) string {
	margin := strings.Repeat(" ", columns)
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = margin + line
		}
	}
	return strings.Join(lines, "\n")
}

// githubText disarms the expressions that GitHub would evaluate in a text.
func githubText(text string) string { return strings.ReplaceAll(text, "${{", "${{ '${{' }}") }

var plain = pattern.New(`^[A-Za-z0-9_./:=@%+-]+$`)

// shellWords are words for a POSIX shell.
func shellWords(words []string) string {
	quoted := make([]string, 0, len(words))
	for _, word := range words {
		if !plain().MatchString(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}

// systemdWords are words for ExecStart= (systemd.service(5), "Command lines").
// %S, which the reports of a push begin with, is the one specifier that is meant.
func systemdWords(words []string) string {
	quoted := make([]string, 0, len(words))
	for _, word := range words {
		meant := strings.HasPrefix(word, "%S/")
		word = strings.TrimPrefix(word, "%S/")
		word = strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(word)
		if meant {
			word = "%S/" + word
		}
		if !plain().MatchString(word) {
			word = `"` + word + `"`
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}

// kubeArgs is a list of arguments for a container, whose $(NAME) Kubernetes would
// replace.
func kubeArgs(words []string) string {
	quoted := make([]string, 0, len(words))
	for _, word := range words {
		quoted = append(quoted, yamlText(strings.ReplaceAll(word, "$(", "$$(")))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// oneLine is an address in which every character that is not graphic, such as a line
// break, is percent-encoded (RFC 3986, section 2.1): such a character could end a line
// of a script.
func oneLine(address string) string {
	var line strings.Builder
	for _, r := range strings.ToValidUTF8(address, "\uFFFD") {
		if unicode.IsGraphic(r) {
			line.WriteRune(r)
			continue
		}
		for _, b := range []byte(string(r)) {
			fmt.Fprintf(&line, "%%%02X", b)
		}
	}
	return line.String()
}

// gitPath is where a repository has a file: as it is set, or else its name at the
// root.
func gitPath(i Input) string {
	if filepath.IsLocal(i.Path) {
		return filepath.ToSlash(filepath.Clean(i.Path))
	}
	return i.Name()
}

func ints(numbers []int) string {
	words := make([]string, 0, len(numbers))
	for _, n := range numbers {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
}

// explain is the body of a shell function that says what the exit code in $1
// means, and is silent about success.
func explain(outcomes []Outcome) string {
	lines := []string{"case $1 in", "  0) return ;;"}
	for _, o := range slices.DeleteFunc(outcomes, func(o Outcome) bool { return o.Code == 0 }) {
		lines = append(lines, fmt.Sprintf("  %d) meaning=%s ;;", o.Code, shellWords([]string{o.Text})))
	}
	return strings.Join(append(lines, "  *) meaning='not an exit code of sentryidp' ;;", "esac"), "\n")
}
