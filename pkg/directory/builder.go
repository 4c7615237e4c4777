package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// maxProblems is how many problems of a file are reported.
const maxProblems = 20

// builder collects what a file says and then puts it together.
type builder struct {
	source string

	people      []Person
	peopleLines []int
	users       map[string]int // username → index
	ids         map[string]int // ID → index
	named       []Group
	groupLines  []int
	groups      map[string]int // name → index

	told     bool // the file speaks of users or groups, if only of none
	problems []string
	more     int
}

func (b *builder) problem(line int, format string, args ...any) {
	if len(b.problems) == maxProblems {
		b.more++
		return
	}
	where := b.source
	if line > 0 {
		where = fmt.Sprintf("%s:%d", b.source, line)
	}
	b.problems = append(b.problems, where+": "+fmt.Sprintf(format, args...))
}

func (b *builder) err() error {
	if len(b.problems) == 0 {
		return nil
	}
	lines := b.problems
	if b.more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", b.more))
	}
	return fault.Hint(fault.New(fault.Failed, "%s", strings.Join(lines, "\n")),
		"nothing was written: a directory that is read in part would remove people")
}

// directory joins both sides of the memberships and checks what only the whole
// can show.
func (b *builder) directory() (*Directory, error) {
	if !b.told && len(b.problems) == 0 {
		b.problem(1, "is empty, want users and groups (users: [] says that there are none)")
	}
	members := map[string]map[string]bool{}
	join := func(group, username string) {
		if members[group] == nil {
			members[group] = map[string]bool{}
		}
		members[group][username] = true
	}
	for i, g := range b.named {
		members[g.Name] = map[string]bool{}
		for _, username := range g.Members {
			if _, exists := b.users[username]; !exists {
				b.problem(b.groupLines[i], "the group %.80q has the member %.80q, who is no user (members are usernames)", g.Name, username)
			}
			join(g.Name, username)
		}
	}
	for _, p := range b.people {
		for _, group := range p.Groups {
			join(group, p.Username)
		}
	}
	if err := b.err(); err != nil {
		return nil, err
	}
	return b.assemble(members), nil
}

func (b *builder) assemble(members map[string]map[string]bool) *Directory {
	d := &Directory{Source: b.source, People: []Person{}, Groups: []Group{}}
	groupsOf := make(map[string][]string, len(b.people))
	for name, usernames := range members {
		g := Group{Name: name, Members: make([]string, 0, len(usernames))}
		if at, told := b.groups[name]; told {
			g.Projects = b.named[at].Projects
		}
		for username := range usernames {
			g.Members = append(g.Members, username)
			groupsOf[username] = append(groupsOf[username], name)
		}
		slices.Sort(g.Members)
		d.Groups = append(d.Groups, g)
	}
	for _, p := range b.people {
		p.Groups = groupsOf[p.Username]
		slices.Sort(p.Groups)
		d.People = append(d.People, p)
	}
	slices.SortFunc(d.People, func(x, y Person) int { return strings.Compare(x.Username, y.Username) })
	slices.SortFunc(d.Groups, func(x, y Group) int { return strings.Compare(x.Name, y.Name) })
	return d
}
