package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// parseCSV reads users from CSV (RFC 4180) with a header of the keys of a user,
// in any order, and of attributes as attributes.NAME. Groups are separated by
// semicolons.
func parseCSV(data []byte, b *builder) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return
	case err != nil:
		b.csvProblem(err, nil, nil)
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
			b.csvProblem(err, header, row)
			if !errors.Is(err, csv.ErrFieldCount) {
				return
			}
			continue
		}
		line, _ := r.FieldPos(0)
		b.user(record{line: line, values: rowValues(header, row)})
	}
}

// csvProblem reports what encoding/csv complains of. A missing quote is found
// where the file ends, and is reported where it opens.
func (b *builder) csvProblem(err error, header, row []string) {
	p, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		b.problem(0, "is no CSV: %v", err)
	case errors.Is(err, csv.ErrFieldCount):
		b.problem(p.StartLine, "has %d fields, want %d as in the header", len(row), len(header))
	default:
		b.problem(p.StartLine, "is no CSV: %v", p.Err)
	}
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

// rowValues gives the cells the types that other formats have. A cell that is
// neither true nor false stays a text, which is then complained of.
func rowValues(header, row []string) map[string]any {
	values := make(map[string]any, len(header))
	attributes := map[string]any{}
	for i, column := range header {
		cell := strings.TrimSpace(row[i])
		name, attribute := attributeColumn(column)
		switch {
		case cell == "":
		case attribute:
			attributes[name] = cell
		case column == "active" && strings.EqualFold(cell, "true"):
			values[column] = true
		case column == "active" && strings.EqualFold(cell, "false"):
			values[column] = false
		case column == groupsKey:
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
