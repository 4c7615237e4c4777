package config

import (
	"regexp"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// tomlWord is a message of the parser, and what it says to a person.
type tomlWord struct {
	said  *regexp.Regexp
	words string
}

// tomlWords returns the messages. The first that matches counts.
func tomlWords() []tomlWord {
	return []tomlWord{
		{regexp.MustCompile(`^unexpected character U\+000[AD] at start of value$`), "expected a value but found the end of the line"},
		{regexp.MustCompile(`^(?:unexpected character (.*) at start of value|expected value but got (.*))$`), "expected a value but found $1$2: a text must be in quotes"},
		{regexp.MustCompile(`^(?:strings must be quoted|expected keyword .*|expected "(?:true|false|inf|nan)")$`), "expected a value: a text must be in quotes"},
		{regexp.MustCompile(`^expected value, not end of input$`), "expected a value but found the end of the file"},
		{regexp.MustCompile(`^expected newline but got (.*)$`), "expected the end of the line but found $1"},
		{regexp.MustCompile(`^expected '=' after key$`), "expected = after the key"},
		{regexp.MustCompile(`^invalid character at start of key: (.*)$`), "expected a key but found $1"},
		{regexp.MustCompile(`^expected key but reached end of input$`), "expected a key but found the end of the file"},
		{regexp.MustCompile(`^expected '(\]\]?)' to close (?:array )?table name$`), "expected $1 after the name of the section"},
		{regexp.MustCompile(`^(?:key|table) (.*) (?:is already defined|already exists.*)$`), "$1 is there twice"},
		{regexp.MustCompile(`^key (.*) should be a table, not a .*$`), "$1 is there twice, as a value and as a section"},
		{regexp.MustCompile(`^array is incomplete$`), "expected ] behind the list but found the end of the file"},
		{regexp.MustCompile(`^inline table is incomplete$`), "expected } behind the mapping but found the end of the file"},
		{regexp.MustCompile(`^expected ',' or '(.)' after .*$`), "expected a comma or $1"},
		{regexp.MustCompile(`^unexpected comma in inline table$`), "expected a key but found a comma"},
		{regexp.MustCompile(`^(?:basic|literal) strings cannot have new lines$`), "expected a closing quote but found the end of the line"},
		{regexp.MustCompile(`^unterminated (?:basic|literal) string$`), "expected a closing quote but found the end of the file"},
		{regexp.MustCompile(`^multiline (?:basic|literal) string not terminated by (.*)$`), "expected a closing $1 but found the end of the file"},
		{regexp.MustCompile(`^integers cannot have leading zeroes$`), "a number must not begin with 0"},
		{regexp.MustCompile(`^invalid escape character (.*)$`), `expected one of \b \t \n \f \r \e \" \\ \x \u \U but found \ and $1: write \\ for a backslash, or use single quotes`},
	}
}

// oneCharacter is a character as the parser writes it: U+000A, or U+0061 'a'.
var oneCharacter = pattern.New(`U\+([0-9A-F]{4,6})(?: '(.+)')?`)

// tomlProblem puts the words of the parser into those of people.
func tomlProblem(said string) string {
	said = strings.TrimPrefix(said, "toml: ")
	for _, w := range tomlWords() {
		if match := w.said.FindStringSubmatchIndex(said); match != nil {
			said = string(w.said.ExpandString(nil, w.words, said, match))
			break
		}
	}
	return "invalid TOML: " + oneCharacter().ReplaceAllStringFunc(said, func(code string) string {
		parts := oneCharacter().FindStringSubmatch(code)
		switch {
		case parts[2] != "":
			return parts[2]
		case parts[1] == "000A", parts[1] == "000D":
			return "the end of the line"
		}
		return "the character " + code
	})
}
