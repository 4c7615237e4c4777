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
// in any order. Groups are separated by semicolons.
func parseCSV(data []byte, b *builder) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		b.problem(1, "has no header, want columns out of %s", strings.Join(userKeys(), ","))
		return
	}
	if !checkHeader(header, b) {
		return
	}
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			parseError, _ := errors.AsType[*csv.ParseError](err)
			b.problem(parseError.Line, "%v", parseError.Err)
			if !errors.Is(err, csv.ErrFieldCount) {
				return
			}
			continue
		}
		line, _ := r.FieldPos(0)
		b.user(record{line: line, values: rowValues(header, row)})
	}
}

func checkHeader(header []string, b *builder) bool {
	for i, column := range header {
		header[i] = strings.ToLower(strings.TrimSpace(column))
		switch {
		case !slices.Contains(userKeys(), header[i]):
			b.problem(1, "unknown column %q, want %s", column, strings.Join(userKeys(), ", "))
		case slices.Contains(header[:i], header[i]):
			b.problem(1, "the column %q is there twice", column)
		}
	}
	return len(b.problems) == 0
}

// rowValues gives the cells the types that other formats have. A cell that is
// neither true nor false stays a text, which is then complained of.
func rowValues(header, row []string) map[string]any {
	values := make(map[string]any, len(header))
	for i, column := range header {
		cell := strings.TrimSpace(row[i])
		switch {
		case cell == "":
		case column == "active" && strings.EqualFold(cell, "true"):
			values[column] = true
		case column == "active" && strings.EqualFold(cell, "false"):
			values[column] = false
		case column == "groups":
			values[column] = splitList(cell)
		default:
			values[column] = cell
		}
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
