package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// MaxFile is the greatest size of a file, in bytes.
const MaxFile = 1 << 20

const windows = "windows"

// find returns the files to read, lowest first.
func (r *reader) find(in Input) []string {
	if in.File != "" {
		return []string{in.File}
	}
	if file := lookup(in.Env, envPrefix+"CONFIG"); file != "" {
		return []string{file}
	}
	var files []string
	for _, place := range in.places() {
		found := spelled(place)
		if len(found) > 1 {
			r.fail(0, fault.Hint(fmt.Errorf("%s are both there", strings.Join(found, " and ")), "keep one of them"))
		}
		files = append(files, found...)
	}
	return files
}

// places returns where files are looked for, lowest first, without extension.
func (in Input) places() []string {
	var places []string
	switch {
	case in.SystemDir != "":
		places = append(places, filepath.Join(in.SystemDir, "config"))
	case runtime.GOOS != windows: // where any user could make the folder
		places = append(places, "/etc/sentryidp/config")
	}
	if dir := in.userDir(); dir != "" {
		places = append(places, filepath.Join(dir, "sentryidp", "config"))
	}
	return append(places, filepath.Join(in.Dir, "sentryidp"))
}

// userDir is the folder of the user's settings by the XDG base directory
// specification, which has relative paths ignored; APPDATA on Windows.
func (in Input) userDir() string {
	if dir := lookup(in.Env, "XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if dir := lookup(in.Env, "APPDATA"); runtime.GOOS == windows && filepath.IsAbs(dir) {
		return dir
	}
	if home := lookup(in.Env, "HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}

// spelled returns the files of that name, whatever their extension.
func spelled(place string) []string {
	var found []string
	for _, extension := range []string{".yaml", ".yml", ".toml", ".json"} {
		info, err := os.Stat(place + extension)
		if err == nil && info.Mode().IsRegular() {
			found = append(found, place+extension)
		}
	}
	return found
}

func readFile(path string, read func(path string) ([]byte, error)) (node, error) {
	if read == nil {
		read = os.ReadFile
	}
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return node{}, fault.Hint(fmt.Errorf("there is no configuration file %s", path), "check --config and %sCONFIG", envPrefix)
	}
	if err != nil {
		return node{}, err
	}
	if len(data) > MaxFile {
		return node{}, fmt.Errorf("%s: is larger than %d KiB", path, MaxFile>>10)
	}
	n, err := parse(path, data)
	if where, ok := errors.AsType[*lineError](err); ok {
		return node{}, fmt.Errorf("%s:%d: %s", path, where.line, where.text)
	}
	if err != nil {
		return node{}, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}
