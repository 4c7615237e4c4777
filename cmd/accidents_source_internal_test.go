package cmd

import (
	"fmt"
	"slices"
	"strings"
)

func accidents() []accident {
	return slices.Concat(cuts(), columns(), groupAccidents(), roleAccidents(), peopleAccidents(), creepingAccidents(), settingAccidents(), sentryAccidents(), idpAccidents(), noAccidents())
}

// ofRows is a file made of the rows of the usual one, the header first.
func ofRows(change func(rows [][]string) [][]string) func(*company, int) []byte {
	return func(c *company, _ int) []byte { return csvOf(change(c.rows())) }
}

// ofPeople is the file of a company that something was done to.
func ofPeople(change func(c *company)) func(*company, int) []byte {
	return func(c *company, _ int) []byte { return c.changed(change).csv() }
}

// ofText is a file made of the text of the usual one.
func ofText(change func(text string) string) func(*company, int) []byte {
	return func(c *company, _ int) []byte { return []byte(change(string(c.csv()))) }
}

// text is a file of that text.
func text(text string) func(*company, int) []byte {
	return func(*company, int) []byte { return []byte(text) }
}

// cuts are files that end too early, or have holes.
func cuts() []accident {
	var list []accident
	for tenth := 1; tenth <= 9; tenth++ {
		list = append(list,
			accident{name: fmt.Sprintf("file cut after row %d", 20*tenth), file: ofRows(func(rows [][]string) [][]string {
				return rows[:1+20*tenth]
			})},
			accident{name: fmt.Sprintf("file cut inside row %d", 20*tenth), verdict: refused, file: ofText(func(text string) string {
				return cutInside(text, 20*tenth)
			})})
	}
	return append(list,
		accident{name: "file cut to 5 rows", file: ofRows(func(rows [][]string) [][]string { return rows[:6] })},
		accident{name: "file cut inside the last cell of row 120", file: ofText(func(text string) string {
			lines := strings.SplitAfter(text, "\n")
			last := slices.IndexFunc(lines[110:], func(line string) bool { return strings.Contains(line, ",true,Backend") }) + 110
			return strings.Join(lines[:last], "") + lines[last][:strings.Index(lines[last], ",true,")+len(",true,Ba")]
		})},
		accident{name: "file ends after the header", verdict: refused, file: ofRows(func(rows [][]string) [][]string { return rows[:1] })},
		accident{name: "file is empty", verdict: refused, file: text("")},
		accident{name: "file is blank lines", verdict: refused, file: text("\n\n\n")},
		accident{name: "file has an open quote", verdict: refused, file: ofText(func(text string) string {
			return strings.Replace(text, "Person 60", `"Person 60`, 1)
		})},
		accident{name: "file has a quote too many", verdict: refused, file: ofText(func(text string) string {
			return strings.Replace(text, "Person 60", `Person "60`, 1)
		})},
		accident{name: "file swallows half of itself between two quotes", file: ofText(func(text string) string {
			text = strings.Replace(text, "Person 60", `"Person 60`, 1)
			return strings.Replace(text, "Person 160,", `Person 160",`, 1)
		})},
		accident{name: "first page of 100 alone", file: ofRows(func(rows [][]string) [][]string { return rows[:101] })},
		accident{name: "second page of 100 alone", file: ofRows(func(rows [][]string) [][]string { return slices.Delete(rows, 1, 101) })},
		accident{name: "half a page of 100 alone", file: ofRows(func(rows [][]string) [][]string { return rows[:51] })},
		accident{name: "half a page of 100 missing", file: ofRows(func(rows [][]string) [][]string { return slices.Delete(rows, 81, 131) })},
		accident{name: "every second row missing", file: ofRows(everySecond)},
		accident{name: "file is a login page", verdict: refused, file: text("<!DOCTYPE html>\n<html><body>Log in, please</body></html>\n")},
		accident{name: "file is an error in JSON", verdict: refused, file: text(`{"error": "token expired"}` + "\n")},
		accident{name: "file is binary", verdict: refused, file: text("PK\x03\x04\x14\x00\x06\x00people.xlsx")},
	)
}

func everySecond(rows [][]string) [][]string {
	var half [][]string
	for i := 0; i < len(rows); i += 2 {
		half = append(half, rows[i])
	}
	return half
}

// cutInside is the text up to the middle of a row.
func cutInside(text string, row int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[:row], "") + lines[row][:len(lines[row])/2]
}

// columns are cells that are not where they belong.
func columns() []accident {
	var list []accident
	for column, name := range []string{"username", "name", "email", "active", "groups"} {
		list = append(list,
			accident{name: "column " + name + " blank", verdict: harmlessIn(name, "username", "name"), file: ofRows(blanked(column, 1))},
			accident{name: "column " + name + " blank in every third row", verdict: harmlessIn(name, "username", "name"), file: ofRows(blanked(column, 3))},
			accident{name: "column " + name + " shifted by a row", verdict: harmlessIn(name, "name"), file: ofRows(shifted(column))},
			accident{name: "column " + name + " missing", verdict: harmlessIn(name, "username", "name"), file: ofRows(withoutColumn(column))},
		)
	}
	return append(list,
		accident{name: "columns rotated to the right", file: ofRows(rotated(1))},
		accident{name: "columns rotated to the left", file: ofRows(rotated(4))},
		accident{name: "columns email and username exchanged", file: ofRows(exchanged(columnEmail, columnUsername))},
		accident{name: "columns email and groups exchanged", file: ofRows(exchanged(columnEmail, columnGroups))},
		accident{name: "columns active and groups exchanged", file: ofRows(exchanged(columnActive, columnGroups))},
		accident{name: "header missing", verdict: refused, file: ofRows(func(rows [][]string) [][]string { return rows[1:] })},
		accident{name: "header of another export", verdict: refused, file: ofText(func(text string) string {
			return strings.Replace(text, "username,name,email,active,groups", "login,displayName,mail,enabled,memberOf", 1)
		})},
		accident{name: "header says group instead of groups", verdict: refused, file: ofText(func(text string) string {
			return strings.Replace(text, "active,groups", "active,group", 1)
		})},
		accident{name: "header makes an attribute of groups", file: ofText(func(text string) string {
			return strings.Replace(text, "active,groups", "active,attributes.groups", 1)
		})},
		accident{name: "semicolons between the cells and commas between the groups", verdict: refused, file: ofText(func(text string) string {
			return strings.NewReplacer(",", ";", ";", ",").Replace(text)
		})},
		accident{name: "commas between the groups", verdict: refused, file: ofText(func(text string) string { return strings.ReplaceAll(text, ";", ",") })},
		accident{name: "column active says yes and no", verdict: refused, file: ofText(func(text string) string {
			return strings.NewReplacer(",true,", ",yes,", ",false,", ",no,").Replace(text)
		})},
		accident{name: "column active inverted", file: ofText(func(text string) string {
			return strings.NewReplacer(",true,", ",false,", ",false,", ",true,").Replace(text)
		})},
	)
}

// harmlessIn is harmless for those columns.
func harmlessIn(column string, columns ...string) verdict {
	if slices.Contains(columns, column) {
		return harmless
	}
	return bounded
}

// blanked blanks a column in every nth row.
func blanked(column, nth int) func([][]string) [][]string {
	return func(rows [][]string) [][]string {
		for i := 1; i < len(rows); i += nth {
			rows[i][column] = ""
		}
		return rows
	}
}

// shifted moves the cells of a column down by a row, the last to the top.
func shifted(column int) func([][]string) [][]string {
	return func(rows [][]string) [][]string {
		last := rows[len(rows)-1][column]
		for i := len(rows) - 1; i > 1; i-- {
			rows[i][column] = rows[i-1][column]
		}
		rows[1][column] = last
		return rows
	}
}

// withoutColumn leaves a column out, its header too.
func withoutColumn(column int) func([][]string) [][]string {
	return func(rows [][]string) [][]string {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], column, column+1)
		}
		return rows
	}
}

// rotated moves the cells of each row to the right, under a header that stays.
func rotated(by int) func([][]string) [][]string {
	return func(rows [][]string) [][]string {
		for i := 1; i < len(rows); i++ {
			n := len(rows[i]) - by
			rows[i] = slices.Concat(rows[i][n:], rows[i][:n])
		}
		return rows
	}
}

// exchanged exchanges the cells of two columns, under a header that stays.
func exchanged(a, b int) func([][]string) [][]string {
	return func(rows [][]string) [][]string {
		for _, row := range rows[1:] {
			row[a], row[b] = row[b], row[a]
		}
		return rows
	}
}

// noAccidents are files that are written otherwise and say the same, and changes
// as there are in every company.
func noAccidents() []accident {
	return []accident{
		{name: "nothing happens", verdict: harmless},
		{name: "nothing happens for twelve nights", verdict: harmless, nights: 12},
		{name: "rows sorted otherwise", verdict: harmless, file: ofRows(func(rows [][]string) [][]string { slices.Reverse(rows[1:]); return rows })},
		{name: "columns in another order", verdict: harmless, file: ofRows(func(rows [][]string) [][]string {
			for i := range rows {
				slices.Reverse(rows[i])
			}
			return rows
		})},
		{name: "a byte order mark", verdict: harmless, file: ofText(func(text string) string { return "\ufeff" + text })},
		{name: "lines end in CRLF", verdict: harmless, file: ofText(func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") })},
		{name: "no newline at the end", verdict: harmless, file: ofText(func(text string) string { return strings.TrimSuffix(text, "\n") })},
		{name: "every cell in quotes", verdict: harmless, file: ofText(func(text string) string {
			return `"` + strings.NewReplacer(",", `","`, "\n", "\"\n\"").Replace(strings.TrimSuffix(text, "\n")) + "\"\n"
		})},
		{name: "blanks after the commas", verdict: harmless, file: ofText(func(text string) string { return strings.ReplaceAll(text, ",", ", ") })},
		{name: "addresses in capitals", verdict: harmless, file: ofRows(inCapitals(columnEmail))},
		{name: "active in capitals", verdict: harmless, file: ofRows(inCapitals(columnActive))},
		{name: "a column of attributes more", verdict: harmless, file: ofRows(func(rows [][]string) [][]string {
			rows[0] = append(rows[0], "attributes.office")
			for i := range rows[1:] {
				rows[i+1] = append(rows[i+1], "north")
			}
			return rows
		})},
		{name: "the same as YAML", verdict: harmless, file: func(c *company, _ int) []byte { return c.yaml() }},
		{name: "new usernames and the old addresses", verdict: harmless, file: ofPeople(func(c *company) {
			for i := range c.people {
				c.people[i].username = "new" + c.people[i].username
			}
		})},
		ordinary("five leave", func(c *company, _ int) {
			for _, i := range []int{30, 60, 90, 120, 150} {
				c.people[i].inactive = true
			}
		}),
		ordinary("ten come", func(c *company, _ int) {
			for range 10 {
				c.hire("Support")
			}
		}),
		ordinary("five per cent move to other teams", func(c *company, _ int) {
			for n, i := range c.in("Backend")[:10] {
				c.leave(i, "Backend")
				c.join(i, []string{"Frontend", "Data"}[n%2])
			}
		}),
		ordinary("half of a team becomes a new one", func(c *company, _ int) {
			for _, i := range c.in("Support")[:15] {
				c.leave(i, "Support")
				c.join(i, "Success")
			}
		}),
		ordinary("two leads are new and two are none any more", func(c *company, _ int) {
			leads := c.in("Leads")
			for n, i := range []int{101, 102} {
				c.leave(leads[n], "Leads")
				c.join(i, "Leads")
			}
		}),
		ordinary("a person leaves and a person comes every night", func(c *company, night int) {
			for n := range night {
				c.people[30+n].inactive = true
				c.hire("Support")
			}
		}).over(12),
		ordinary("one of two hundred loses a membership every night", func(c *company, night int) {
			for n, i := range c.in("On Call")[:min(night, 5)] {
				c.leave(i, "On Call")
				if n > 0 {
					c.join(i, "Research")
				}
			}
		}).over(10),
	}
}

// ordinary is what happens in every company and has to pass.
func ordinary(name string, change func(c *company, night int)) accident {
	changed := func(c *company, night int) *company { return c.changed(func(d *company) { change(d, night) }) }
	return accident{
		name: name, verdict: harmless, want: changed,
		file: func(c *company, night int) []byte { return changed(c, night).csv() },
	}
}

func (a accident) over(nights int) accident {
	a.nights = nights
	return a
}

func inCapitals(column int) func([][]string) [][]string {
	return func(rows [][]string) [][]string {
		for _, row := range rows[1:] {
			row[column] = strings.ToUpper(row[column])
		}
		return rows
	}
}
