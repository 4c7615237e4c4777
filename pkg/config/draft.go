package config

import (
	"cmp"
	"errors"
	"path/filepath"
)

// Draft is the content of a configuration file that is not written yet, or was read
// already. It is believed, unless Standing says that it is not; the zero Standing is
// Named.
type Draft struct {
	Path     string
	Content  []byte
	Standing Standing
}

// file is the draft as a file that was read.
func (d Draft) file() File {
	return File{Path: d.Path, Standing: cmp.Or(d.Standing, Named), content: append([]byte{}, d.Content...)}
}

// UserDir is the folder of the user's configuration file.
func UserDir(env []string) (string, error) {
	dir := Input{Env: env}.userDir()
	if dir == "" {
		return "", errors.New("there is no folder for the user's configuration: neither XDG_CONFIG_HOME nor HOME is set")
	}
	return filepath.Join(dir, projectName), nil
}

// Check says what is wrong with a text as the value of a setting, or with one entry
// of a list. The error has no code.
func (s Setting) Check(text string) error { return s.validateText(text) }
