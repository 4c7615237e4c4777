package config

import (
	"errors"
	"path/filepath"
)

// Draft is a configuration file that is not written yet. It is believed.
type Draft struct {
	Path    string
	Content []byte
}

// file is the draft as a file that was named and read.
func (d Draft) file() File {
	return File{Path: d.Path, Standing: Named, content: append([]byte{}, d.Content...)}
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
