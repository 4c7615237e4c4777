package memory_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

const (
	home = "https://sentry.test"
	head = `{"format":2,"sentry_url":"https://sentry.test","org":"acme"`
)

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pushes", memory.FileStem("https://sentry.test:9000/sub/", "acme")+".json")
	record := memory.New(home, "acme")
	if got, err := memory.Load(path, home, "acme"); err != nil || cmp.Diff(record, got) != "" {
		t.Errorf("without a file: got %+v, %v", got, err)
	}
	record.PushedAt, record.People, record.ActivityBlank = clock(), 7, 2
	record.Persons = []memory.Person{{ID: "1", Member: "11", Address: "a@acme.test", Role: "manager"}, {ID: "2", Member: "12"}}
	record.Created, record.Managed = []memory.Team{{ID: "1", Name: "Web", Group: "web"}}, []string{"1", "2"}
	record.Taken = []memory.Taken{ago(0, 9, memory.Losses{Removed: 1, Lost: 2, Promoted: 3, Demoted: 4, Teams: map[string]int{"1": 1}})}
	record.Known.Held = map[string]memory.Fact{"b@acme.test": {IDs: []string{"11"}, Why: "why", At: clock()}}
	if err := record.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := memory.Load(path, home, "acme")
	if diff := cmp.Diff(record, got); diff != "" || err != nil {
		t.Errorf("%v, record differs (-want +got):\n%s", err, diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v, mode %v, want 0600", err, info.Mode())
	}
	empty := memory.New("https://other.test", "acme")
	if got, err := memory.Load(path, "https://other.test", "acme"); err == nil || cmp.Diff(empty, got) != "" {
		t.Errorf("another Sentry's record: got %+v, %v", got, err)
	}
}

func TestEachOrganizationHasAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	if got := memory.FileStem("https://sentry.io", "acme"); got != "sentry.io_acme" {
		t.Errorf("the file is called %s", got)
	}
	seen := map[string]string{}
	for _, one := range [][2]string{
		{"https://sentry.test", "a_b"},
		{"https://sentry.test/a", "b"},
		{"https://sentry.test/a/b", ""},
		{"https://sentry.test_a", "b"},
		{"http://sentry.test", "a_b"},
		{"https://sentry.test:9000/sub", "acme"},
		{"https://sentry.test/9000/sub", "acme"},
		{"https://sentry.test:9000", "sub_acme"},
	} {
		stem := memory.FileStem(one[0], one[1])
		if other, taken := seen[stem]; taken {
			t.Errorf("%v and %s are both called %s", one, other, stem)
		}
		seen[stem] = strings.Join(one[:], " ")
		if strings.ContainsAny(stem, "/:\\ ") {
			t.Errorf("%v is called %s", one, stem)
		}
	}
	if memory.FileStem("https://sentry.test:9000/sub/", "acme") != memory.FileStem("https://sentry.test:9000/sub", "acme") {
		t.Error("a slash at the end makes another file")
	}
}

// TestTheFormerFileIsRead: the name was once the same for several organizations.
func TestTheFormerFileIsRead(t *testing.T) {
	t.Parallel()
	const address = "https://sentry.test/a"
	folder := t.TempDir()
	record := memory.New(address, "b")
	record.PushedAt, record.People = clock(), 7
	if err := record.Save(filepath.Join(folder, "sentry.test_a_b.json")); err != nil {
		t.Fatal(err)
	}
	got, err := memory.LoadFrom(folder, address, "b")
	if diff := cmp.Diff(record, got); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
	other, err := memory.LoadFrom(folder, "https://sentry.test:a", "b")
	if err != nil || !other.Fresh() {
		t.Errorf("another organization: %+v, %v", other, err)
	}
	record.People = 8
	if err := record.Save(filepath.Join(folder, memory.FileStem(address, "b")+".json")); err != nil {
		t.Fatal(err)
	}
	if got, err = memory.LoadFrom(folder, address, "b"); err != nil || got.People != 8 {
		t.Errorf("the file of the new name: %+v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "sentry.test_c_d.json"), []byte("]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := memory.LoadFrom(folder, "https://sentry.test/c", "d"); err == nil {
		t.Error("a former file that cannot be read is not told")
	}
}

// loaded is the record of a file with that text.
func loaded(t *testing.T, text string) (*memory.Record, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "record.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return memory.Load(path, home, "acme")
}

func TestARecordOfTheFirstFormatIsRead(t *testing.T) {
	t.Parallel()
	got, err := loaded(t, `{"format":1,"sentry_url":"https://sentry.test","org":"acme","pushed_at":"2026-11-23T03:00:00Z","people":7,`+
		`"teams":[{"id":"1","name":"Web","group":"web"}]}`)
	want := memory.New(home, "acme")
	want.ActivityBlank = 7 // it was not counted: nobody is told to have lost it
	want.PushedAt, want.People, want.Created = clock(), 7, []memory.Team{{ID: "1", Name: "Web", Group: "web"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, record differs (-want +got):\n%s", err, diff)
	}
	if got.Fresh() {
		t.Error("a push has succeeded, and the record is fresh")
	}
}

func TestARecordThatCannotBeReadIsAFreshOne(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"empty":                "",
		"cut short":            head + `,"people":7,"persons":[{"id":`,
		"no record":            `[1]`,
		"null":                 `null`,
		"another format":       strings.Replace(head, "2", "3", 1) + `}`,
		"another organization": strings.Replace(head, "acme", "beta", 1) + `}`,
		"another Sentry":       strings.Replace(head, "sentry.test", "other.test", 1) + `}`,
		"fewer than nobody":    head + `,"people":-1}`,
		"a number as text":     head + `,"people":"7"}`,
		"losses below zero":    head + `,"taken":[{"at":"2026-11-23T03:00:00Z","removed":-5}]}`,
	}
	for name, text := range tests {
		got, err := loaded(t, text)
		if diff := cmp.Diff(memory.New(home, "acme"), got); diff != "" || err == nil {
			t.Errorf("%s: %v, record differs from a fresh one:\n%s", name, err, diff)
		}
	}
	if got, err := memory.Load(t.TempDir(), home, "acme"); err == nil || cmp.Diff(memory.New(home, "acme"), got) != "" {
		t.Errorf("a folder: got %+v, %v", got, err)
	}
}

// What is looked up by halves is sorted, and what was taken is summed up from the
// oldest on, whoever wrote the file.
func TestAnUnsortedRecordIsSorted(t *testing.T) {
	t.Parallel()
	got, err := loaded(t, head+`,"persons":[{"id":"b","member":"2"},{"id":"a","member":"1"}],"managed":["9","10"],`+
		`"taken":[{"at":"2026-11-23T03:00:00Z","members":5,"removed":1},{"at":"2026-11-22T03:00:00Z","members":6,"removed":1}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if p, known := got.Person("b"); !known || p.Member != "2" || !got.Manages("9") || !got.Manages("10") {
		t.Errorf("got %+v", got)
	}
	if recent := got.Recent(clock()); recent.Members != 6 || recent.Removed != 2 {
		t.Errorf("recently %+v, expected 2 of 6", recent)
	}
}

func TestWhatARecordKnows(t *testing.T) {
	t.Parallel()
	record := memory.New(home, "acme")
	record.Persons, record.Managed = []memory.Person{{ID: "a", Member: "1"}, {ID: "c", Member: "3"}}, []string{"10", "9"}
	for id, member := range map[string]string{"a": "1", "c": "3", "b": "", "": ""} {
		if p, known := record.Person(id); p.Member != member || known != (member != "") {
			t.Errorf("the person %q: %+v, %v", id, p, known)
		}
	}
	if !record.Manages("9") || !record.Manages("10") || record.Manages("1") {
		t.Error("the teams that are managed are not those of the record")
	}
	var none *memory.Record
	if _, known := none.Person("a"); known || none.Manages("9") || !none.Fresh() || !record.Fresh() {
		t.Error("without a record something is known")
	}
}

func FuzzLoadRecord(f *testing.F) {
	f.Add([]byte(`{"format":1,"sentry_url":"https://sentry.test","org":"acme","people":3,"teams":[{"id":"1"}]}`))
	f.Add([]byte(`{"format":1,"people":-1}`))
	f.Add([]byte(head + `,"taken":[{"removed":-1,"teams":{"":-3}}],"persons":null,"known":{"held":{"a":{"ids":null}}}}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		record, err := loaded(t, string(data))
		if record == nil || record.People < 0 || record.ActivityBlank < 0 || err != nil && len(record.Created) > 0 {
			t.Fatalf("got %+v, %v", record, err)
		}
		if recent := record.Recent(clock()); recent.Removed < 0 || recent.Lost < 0 || recent.Members < 0 {
			t.Errorf("recently %+v", recent)
		}
	})
}

// A pipe has no end to wait for.
func TestARecordIsAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := exec.CommandContext(t.Context(), "mkfifo", path).Run(); err != nil {
		t.Skip(err)
	}
	if got, err := memory.Load(path, home, "acme"); err == nil || !got.Fresh() {
		t.Errorf("got %+v, %v", got, err)
	}
}
