package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// parseCSV reads users from CSV (RFC 4180) with a header of the keys of a user,
// in any order, and of attributes as attributes.NAME. Groups and further e-mails
// are separated by semicolons.
func parseCSV(data []byte, b *builder) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return
	case err != nil:
		b.csvProblem(err, header, nil)
		return
	}
	line, _ := r.FieldPos(0)
	if !checkHeader(line, header, b) {
		return
	}
	b.told = true
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			b.csvProblem(err, row, header)
			if !errors.Is(err, csv.ErrFieldCount) {
				return
			}
			continue
		}
		line, _ := r.FieldPos(0)
		b.user(record{line: line, values: rowValues(header, row)})
	}
}

// csvProblem reports what encoding/csv complains of, and in which line the field
// begins that cannot be read. row has the fields before it.
func (b *builder) csvProblem(err error, row, header []string) {
	p, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		b.problem(0, "invalid CSV: %v", err)
		return
	}
	line := p.StartLine + strings.Count(strings.Join(row, ""), "\n")
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		b.problem(p.StartLine, "expected %s as in the header, found %d", fields(len(header)), len(row))
	case errors.Is(err, csv.ErrQuote):
		b.problem(line, "the quote that opens here is never closed, or a quote inside it is not doubled")
	case errors.Is(err, csv.ErrBareQuote):
		b.problem(line, "a field with a quote must be in quotes, and the quote doubled")
	default:
		b.problem(line, "invalid CSV: %v", p.Err)
	}
}

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return strconv.Itoa(n) + " fields"
}

func checkHeader(line int, header []string, b *builder) bool {
	for i, column := range header {
		header[i] = columnKey(column)
		_, attribute := attributeColumn(header[i])
		switch {
		case !attribute && !slices.Contains(columns(), header[i]):
			b.problem(line, "unknown column %.80q, want %s, %s.NAME", column, strings.Join(columns(), ", "), attributesKey)
		case slices.Contains(header[:i], header[i]):
			b.problem(line, "the column %q is there twice", column)
		}
	}
	return len(b.problems) == 0
}

// columns are the columns of a user; attributes have one each.
func columns() []string {
	return slices.DeleteFunc(userKeys(), func(key string) bool { return key == attributesKey })
}

// columnKey is the key that a column stands for. The case of an attribute's name
// is kept: expressions tell them apart.
func columnKey(column string) string {
	column = strings.TrimSpace(column)
	prefix, name, _ := strings.Cut(column, ".")
	if strings.EqualFold(prefix, attributesKey) {
		return attributesKey + "." + name
	}
	return strings.ToLower(column)
}

// attributeColumn returns the name of the attribute that a column holds.
func attributeColumn(key string) (name string, ok bool) {
	name, ok = strings.CutPrefix(key, attributesKey+".")
	return name, ok && name != ""
}

// rowValues gives the cells the types that other formats have. A blank cell is
// null, and one that is neither true nor false stays a text, which is then
// complained of.
func rowValues(header, row []string) map[string]any {
	values := make(map[string]any, len(header))
	attributes := map[string]any{}
	for i, column := range header {
		cell := strings.TrimSpace(row[i])
		name, attribute := attributeColumn(column)
		switch {
		case cell == "" && attribute:
		case cell == "":
			values[column] = nil
		case attribute:
			attributes[name] = cell
		case column == activeKey && strings.EqualFold(cell, "true"):
			values[column] = true
		case column == activeKey && strings.EqualFold(cell, "false"):
			values[column] = false
		case column == groupsKey, column == emailsKey:
			values[column] = splitList(cell)
		default:
			values[column] = cell
		}
	}
	if len(attributes) > 0 {
		values[attributesKey] = attributes
	}
	return values
}

func splitList(cell string) []any {
	var names []any
	for name := range strings.SplitSeq(cell, ";") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
