package memory

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
)

// The versions of the document. The first held the size of the last push and the
// teams that pushes created, which are read.
const (
	format      = 2
	firstFormat = 1
)

// maximum bounds the file of a record, in bytes: about a million people.
const maximum = 128 << 20

// errOther says that a file is of another organization.
var errOther = errors.New("another organization's")

// Load reads the memory of an organization. A file that is missing is a fresh
// record; one that cannot be read, or is of another organization, is an error
// and a fresh record.
func Load(path, sentryURL, org string) (*Record, error) {
	fresh := New(sentryURL, org)
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // to open a pipe would wait for a writer
		return fresh, fmt.Errorf("read the memory of earlier pushes: %s: expected a regular file", path)
	}
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fresh, nil
	case err != nil:
		return fresh, fmt.Errorf("read the memory of earlier pushes: %w", err)
	}
	defer func() { _ = file.Close() }()
	r := New("", "")
	r.Format = 0
	err = json.NewDecoder(io.LimitReader(file, maximum)).Decode(r)
	switch {
	case err != nil:
		return fresh, fmt.Errorf("read the memory of earlier pushes: %s: %w", path, err)
	case r.Format != format && r.Format != firstFormat:
		return fresh, fmt.Errorf("read the memory of earlier pushes: %s: expected format %d, found %d", path, format, r.Format)
	case r.SentryURL != sentryURL || r.Org != org:
		return fresh, fmt.Errorf("read the memory of earlier pushes: %s: expected one of %s on %s, found %w: of %s on %s", path, org, sentryURL, errOther, r.Org, r.SentryURL)
	case r.belowZero():
		return fresh, fmt.Errorf("read the memory of earlier pushes: %s: expected numbers from 0 up, found one below", path)
	}
	if r.Format == firstFormat {
		r.ActivityBlank = r.People // it was not counted: nobody is told to have lost it
	}
	r.Format = format
	slices.SortFunc(r.Persons, func(a, b Person) int { return strings.Compare(a.ID, b.ID) })
	slices.Sort(r.Managed)
	slices.SortFunc(r.Admins, Admin.Compare)
	slices.SortFunc(r.Links, Link.Compare)
	slices.SortStableFunc(r.Taken, func(a, b Taken) int { return a.At.Compare(b.At) })
	return r, nil
}

// belowZero reports whether a figure is one that no push leaves: it would hide
// losses from the guards.
func (r *Record) belowZero() bool {
	return r.People < 0 || r.ActivityBlank < 0 || slices.ContainsFunc(r.Taken, func(t Taken) bool {
		figures := slices.AppendSeq([]int{t.Members, t.Memberships, t.Elevated, t.AllTeams, t.Removed, t.Lost, t.Promoted, t.Demoted, t.Deleted, t.TeamPromoted, t.TeamDemoted, t.Unlinked}, maps.Values(t.Teams))
		return slices.Min(figures) < 0
	})
}

// Save writes the record (0600), and its folder if need be (0700), whole or not
// at all.
func (r *Record) Save(path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := atomicfile.MakeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	return atomicfile.Write(path, append(data, '\n'), 0o600, atomicfile.Overwrite)
}

// FileStem names what is kept for one organization: Sentry's host and path, and
// the organization. Where a file name cannot hold them as they are, a checksum
// tells apart what would be called the same.
func FileStem(sentryURL, org string) string {
	host, name := stemOf(sentryURL, org)
	address := strings.TrimRight(sentryURL, "/")
	if address == "https://"+host && !strings.Contains(host, "_") && name == org {
		return host + "_" + name
	}
	sum := sha256.Sum256([]byte(address + " " + org))
	return fmt.Sprintf("%s-%x_%s", host, sum[:4], name)
}

// stemOf is Sentry's host and path, and the organization, with nothing that a
// file name cannot hold.
func stemOf(sentryURL, org string) (host, name string) {
	_, host, found := strings.Cut(sentryURL, "://")
	if !found {
		host = sentryURL
	}
	unsafe := regexp.MustCompile(`[^A-Za-z0-9.-]+`)
	return unsafe.ReplaceAllString(strings.TrimRight(host, "/"), "_"), unsafe.ReplaceAllString(org, "_")
}

// LoadFrom reads the memory of an organization from a folder, as Load does. It
// was called otherwise once: without the checksum.
func LoadFrom(folder, sentryURL, org string) (*Record, error) {
	record, err := Load(filepath.Join(folder, FileStem(sentryURL, org)+".json"), sentryURL, org)
	if err != nil || !record.Fresh() {
		return record, err
	}
	host, name := stemOf(sentryURL, org)
	former, err := Load(filepath.Join(folder, host+"_"+name+".json"), sentryURL, org)
	if errors.Is(err, errOther) {
		return record, nil
	}
	return former, err
}
