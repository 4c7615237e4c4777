package ui

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
)

// Block is a paragraph of running text, or an entry of a list: a label and what
// is said of it. Its lines can be broken anywhere between words.
type Block struct {
	Gap    bool   // a blank line stands before it
	Title  bool   // it is a heading: a line in capitals
	Indent int    // columns before the label, or before the text of an entry without
	Label  string // empty: a paragraph, or an entry without
	Column int    // where Text begins, behind the label
	Text   string
}

// Blocks takes text that is written by hand apart. Lines that follow each other
// are one paragraph; a line in capitals is a heading. A line that begins with
// spaces is an entry: its label is a dash, or ends at two spaces, or is the whole
// line where the next is indented further. Lines that begin where its text does go
// on with it.
func Blocks(text string) []Block {
	var blocks []Block
	gap := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		content := strings.TrimLeft(line, " ")
		indent := len(line) - len(content)
		last := len(blocks) - 1
		switch {
		case content == "":
			gap = len(blocks) > 0
			continue
		case indent == 0 && isTitle(content):
			blocks = append(blocks, Block{Gap: gap, Title: true, Text: content})
		case !gap && last >= 0 && blocks[last].goesOn(indent):
			blocks[last].Text += " " + content
		case !gap && last >= 0 && blocks[last].isLabel(indent):
			blocks[last].Label, blocks[last].Column, blocks[last].Text = blocks[last].Text, indent, content
		default:
			blocks = append(blocks, entry(indent, content, gap))
		}
		gap = false
	}
	return blocks
}

// goesOn reports whether a line with that indent belongs to the text of b.
func (b Block) goesOn(indent int) bool {
	if b.Indent == 0 {
		return indent == 0 && !b.Title
	}
	return b.Label != "" && indent == b.Column
}

// isLabel reports whether b, before a line with that indent, is the label of it.
func (b Block) isLabel(indent int) bool { return b.Indent > 0 && b.Label == "" && indent > b.Indent }

// isTitle reports whether a line has letters, and no small ones.
func isTitle(line string) bool {
	return strings.ContainsFunc(line, unicode.IsUpper) && !strings.ContainsFunc(line, unicode.IsLower)
}

func entry(indent int, content string, gap bool) Block {
	if point, isPoint := strings.CutPrefix(content, "- "); isPoint && indent > 0 {
		return Block{Gap: gap, Indent: indent, Label: "-", Column: indent + len("- "), Text: point}
	}
	label, text, labelled := strings.Cut(content, "  ")
	if indent == 0 || !labelled {
		return Block{Gap: gap, Indent: indent, Column: indent, Text: content}
	}
	text = strings.TrimLeft(text, " ")
	return Block{Gap: gap, Indent: indent, Label: label, Column: indent + lipgloss.Width(content) - lipgloss.Width(text), Text: text}
}

// narrowest is the part of the width that the text of an entry has at least.
const narrowest = 2

// Fill writes blocks so that no line is longer than width where the words allow
// it. What follows a break stands below the text it belongs to, or a little
// behind the label where that would leave too little room.
func Fill(blocks []Block, width int) string {
	var out strings.Builder
	for _, b := range blocks {
		if b.Gap {
			out.WriteString("\n")
		}
		b.fill(&out, width)
	}
	return out.String()
}

func (b Block) fill(out *strings.Builder, width int) {
	lead := strings.Repeat(" ", b.Indent) + b.Label
	column := b.Column
	if b.Label != "" && column > width/narrowest {
		column = b.Indent + len("    ")
	}
	apart := len("  ")
	if b.Label == "-" {
		apart = len(" ")
	}
	if b.Label != "" && lipgloss.Width(lead)+apart > column {
		out.WriteString(lead + "\n")
		lead = ""
	}
	lead = pad(lead, column)
	if b.Label == "" && b.Indent > 0 {
		column += len("  ")
	}
	line := lead
	begun := false
	for word := range strings.FieldsSeq(b.Text) {
		switch {
		case !begun:
			line, begun = line+word, true
		case lipgloss.Width(line)+1+lipgloss.Width(word) > width:
			out.WriteString(line + "\n")
			line = strings.Repeat(" ", column) + word
		default:
			line += " " + word
		}
	}
	out.WriteString(strings.TrimRight(line, " ") + "\n")
}
