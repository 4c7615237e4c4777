package directory_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

// cuts calls try with every beginning of a sample, and with its length.
func cuts(t *testing.T, format directory.Format, try func(n int, data []byte, d *directory.Directory, err error)) {
	t.Helper()
	data, err := os.ReadFile(samplePath(string(format)))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) + 1 {
		d, err := directory.Parse(data[:n], "people", format)
		if err == nil {
			checkPromises(t, d)
		}
		try(n, data, d, err)
	}
}

// A document of JSON is whole or refused.
func TestACutJSONIsRefused(t *testing.T) {
	t.Parallel()
	cuts(t, directory.JSON, func(n int, data []byte, _ *directory.Directory, err error) {
		if whole := json.Valid(data[:n]); whole != (err == nil) {
			t.Errorf("cut at byte %d: %v", n, err)
		}
	})
}

// JSON Lines can be cut between two lines, which nothing shows.
func TestACutJSONLinesIsRefusedWithinALine(t *testing.T) {
	t.Parallel()
	cuts(t, directory.JSONLines, func(n int, data []byte, _ *directory.Directory, err error) {
		last := data[bytes.LastIndexByte(data[:n], '\n')+1 : n]
		between := n > 0 && (len(last) == 0 || json.Valid(last))
		if between != (err == nil) {
			t.Errorf("cut at byte %d, after %q: %v", n, last, err)
		}
	})
}

// YAML can be cut wherever an indented value ends, and within one: what is read
// then is at most what the whole says.
func TestACutYAMLNeverSaysMore(t *testing.T) {
	t.Parallel()
	cuts(t, directory.YAML, func(n int, data []byte, d *directory.Directory, err error) {
		switch {
		case err != nil && n == len(data):
			t.Error(err)
		case err == nil && len(d.People) > len(samples().People):
			t.Errorf("cut at byte %d: %d people", n, len(d.People))
		}
	})
}

// A row of CSV is whole or refused, but for what nothing shows: a cut between two
// rows, and one in the last cell of a row, which is then a last line without a
// newline.
func TestACutCSVIsRefusedWithinARow(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][][]string{
		"plain":  {{"username", "name", "groups"}, {"ada", "Ada", "a;b"}, {"bo", "", ""}, {"cleo", "Cleo", "a"}},
		"quoted": {{"username", "name", "groups"}, {"ada", `"Ada, ""the"" first"`, `"a;b"`}, {"bo", `""`, `""`}, {`"cleo"`, "Cleo", `"a"`}},
		"blank":  {{"username", "groups", "active"}, {"ada", "", ""}, {"bo", "a", ""}},
		"crlf":   {{"username", "name"}, {"ada", "Ada\r"}, {"bo", "\"Bo\"\r"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, unseen := table(rows)
			for n := range len(data) + 1 {
				d, err := directory.Parse([]byte(data[:n]), "people", directory.CSV)
				people, known := unseen[n]
				switch {
				case n < len(strings.Join(rows[0], ",")):
					if err == nil && len(d.People) > 0 {
						t.Errorf("cut at byte %d: %+v", n, d.People)
					}
				case known != (err == nil):
					t.Errorf("cut at byte %d, after %q: %v", n, data[:n], err)
				case err == nil && len(d.People) != people:
					t.Errorf("cut at byte %d: %d people, want %d", n, len(d.People), people)
				}
			}
		})
	}
}

// table joins cells, and says where a cut cannot be seen, with the number of rows
// below the header that are there.
func table(rows [][]string) (data string, unseen map[int]int) {
	unseen = map[int]int{}
	for i, row := range rows {
		last := row[len(row)-1]
		begin := len(data) + len(strings.Join(row, ",")) - len(last)
		data += strings.Join(row, ",") + "\n"
		unseen[begin], unseen[len(data)-1], unseen[len(data)] = i, i, i
		for n := begin; n < len(data) && !strings.HasPrefix(last, `"`); n++ {
			unseen[n] = i
		}
		if cell, crlf := strings.CutSuffix(last, "\r"); crlf {
			unseen[begin+len(cell)] = i
		}
	}
	return data, unseen
}

// Whoever is read from a beginning of the sample is who the whole says, but for
// the last row.
func TestACutCSVKeepsTheRowsBefore(t *testing.T) {
	t.Parallel()
	whole := map[string]directory.Person{}
	for _, p := range samples().People {
		whole[p.Username] = p
	}
	read := 0
	cuts(t, directory.CSV, func(n int, _ []byte, d *directory.Directory, err error) {
		if err != nil {
			return
		}
		changed := 0
		for _, p := range d.People {
			if !cmp.Equal(whole[p.Username], p, butBlank()) {
				changed++
			}
		}
		if changed > 1 {
			t.Errorf("cut at byte %d: %d people are changed", n, changed)
		}
		read = max(read, len(d.People))
	})
	if read != len(whole) {
		t.Errorf("%d of %d people are read", read, len(whole))
	}
}
