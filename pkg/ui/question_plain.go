package ui

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// maxTyped is the greatest length of what is typed for a question, in bytes.
const maxTyped = 64 << 10

// maxListed is how many options are listed line by line. Others are answers too.
const maxListed = 20

// plainText asks for a line.
func (t *Terminal) plainText(q Question) (string, error) {
	t.explain(q)
	for {
		prompt := q.Title
		if q.Default != "" && !q.Secret {
			prompt += " [" + Printable(q.Default) + "]"
		}
		answer, err := t.line(prompt+": ", q.Secret)
		if err != nil {
			return "", err
		}
		if answer == "" {
			answer = q.Default
		}
		if problem := q.problem(answer); problem != "" {
			t.printf("  %s\n", problem)
			continue
		}
		return answer, nil
	}
}

// problem says why an answer is none, or nothing.
func (q Question) problem(answer string) string {
	if answer == "" {
		if q.Optional {
			return ""
		}
		return "an answer is needed; Esc ends the questions"
	}
	if q.Check != nil {
		if err := q.Check(answer); err != nil {
			return Printable(err.Error())
		}
	}
	return ""
}

// explain writes what comes before a question.
func (t *Terminal) explain(q Question) {
	text := "\n"
	if q.Help != "" {
		text += Fill(Blocks(q.Help), t.columns())
	}
	t.printf("%s", text)
}

// line reads one line. Esc and the end of the input are ErrEscape.
func (t *Terminal) line(prompt string, hidden bool) (string, error) {
	t.printf("%s", prompt)
	in, isFile := t.In.(*os.File)
	if hidden && isFile {
		typed, err := term.ReadPassword(int(in.Fd()))
		t.printf("\n")
		if err != nil || bytes.ContainsRune(typed, escape) {
			return "", ErrEscape
		}
		return strings.TrimSpace(string(typed)), nil
	}
	answer, end := readAnswer(bufio.NewReader(io.LimitReader(t.input(), maxTyped)))
	if end {
		t.printf("\n")
		return "", ErrEscape
	}
	return strings.TrimSpace(answer), nil
}

// plainPick lists the options and takes a number or a value.
func (t *Terminal) plainPick(q Question, options []Option) (string, error) {
	t.explain(q)
	t.list(options, nil)
	for {
		prompt := q.Title
		if i := indexOf(options, q.Default); i >= 0 {
			prompt += " [" + strconv.Itoa(i+1) + "]"
		}
		answer, err := t.line(prompt+": ", false)
		if err != nil {
			return "", err
		}
		i := chosenOf(options, answer)
		if answer == "" {
			i = indexOf(options, q.Default)
		}
		if i >= 0 {
			return options[i].Value, nil
		}
		t.printf("  expected a number from 1 to %d\n", min(len(options), maxListed))
	}
}

// plainPickMany lists the options and takes numbers and values.
func (t *Terminal) plainPickMany(q Question, options []Option, chosen []string) ([]string, error) {
	t.explain(q)
	t.list(options, chosen)
	for {
		answer, err := t.line(q.Title+", numbers separated by commas ["+standing(chosen)+"]: ", false)
		if err != nil {
			return nil, err
		}
		switch answer {
		case "":
			return chosen, nil
		case "none":
			return nil, nil
		}
		picked, wrong := pickedOf(options, answer)
		if wrong == "" {
			return picked, nil
		}
		t.printf("  expected numbers from 1 to %d, or none, but found %s\n", min(len(options), maxListed), Printable(strconv.Quote(wrong)))
	}
}

// standing is what Enter leaves as it is.
func standing(chosen []string) string {
	if len(chosen) == 0 {
		return "none"
	}
	return Printable(strings.Join(chosen, ", "))
}

// pickedOf returns the values that an answer names, or the word that is wrong.
func pickedOf(options []Option, answer string) (picked []string, wrong string) {
	for word := range strings.SplitSeq(answer, ",") {
		i := chosenOf(options, strings.TrimSpace(word))
		if i < 0 {
			return nil, strings.TrimSpace(word)
		}
		if value := options[i].Value; !slices.Contains(picked, value) {
			picked = append(picked, value)
		}
	}
	return picked, ""
}

// list writes the first options with their numbers, and which of them stand.
func (t *Terminal) list(options []Option, chosen []string) {
	for i, option := range options[:min(len(options), maxListed)] {
		mark := ""
		if slices.Contains(chosen, option.Value) {
			mark = " (chosen)"
		}
		t.printf("%s%s\n", fmt.Sprintf("  %2d  %s", i+1, option.text()), mark)
	}
	if more := len(options) - maxListed; more > 0 {
		t.printf("      and %d more, which can be typed\n", more)
	}
}

func indexOf(options []Option, value string) int {
	return slices.IndexFunc(options, func(o Option) bool { return o.Value == value })
}

// chosenOf is the option that an answer means: a number that is listed, or else a
// value.
func chosenOf(options []Option, answer string) int {
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= min(len(options), maxListed) {
		return n - 1
	}
	return indexOf(options, answer)
}
