package snapshot_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
)

func TestCheckTellsAFolderFromWhatCannotBeOneAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		dir string
		ok  bool
	}{
		"a folder":          {dir, true},
		"one to be made":    {filepath.Join(dir, "a", "b"), true},
		"a file":            {file, false},
		"something below a": {filepath.Join(file, "a"), false},
	}
	for name, tt := range tests {
		if err := snapshot.Check(tt.dir); (err == nil) != tt.ok {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, error %v, want the file alone", entries, err)
	}
}
