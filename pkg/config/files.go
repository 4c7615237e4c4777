package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// maxFile is the greatest size of a file, in bytes.
const maxFile = 1 << 20

// find returns the files to read, lowest first.
func (in Input) find() ([]string, error) {
	if file := in.file(); file != "" {
		return []string{file}, nil
	}
	system := in.SystemDir
	if system == "" {
		system = "/etc/sentryidp"
	}
	places := []string{filepath.Join(system, "config")}
	if dir := lookup(in.Env, "XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		places = append(places, filepath.Join(dir, "sentryidp", "config"))
	} else if home := lookup(in.Env, "HOME"); home != "" {
		places = append(places, filepath.Join(home, ".config", "sentryidp", "config"))
	}
	places = append(places, filepath.Join(in.Dir, "sentryidp"))

	var files []string
	for _, place := range places {
		found, err := spelled(place)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

func (in Input) file() string {
	if in.File != "" {
		return in.File
	}
	return lookup(in.Env, envPrefix+"CONFIG")
}

// spelled returns the file of that name, whatever its extension. Two of them
// would be a riddle.
func spelled(place string) ([]string, error) {
	var found []string
	for _, extension := range []string{".yaml", ".yml", ".toml", ".json"} {
		info, err := os.Stat(place + extension)
		if err == nil && !info.IsDir() {
			found = append(found, place+extension)
		}
	}
	if len(found) > 1 {
		return nil, fault.Hint(fault.Usagef("%s and %s are both there", found[0], found[1]), "keep one of them")
	}
	return found, nil
}

func readFile(path string) (node, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return node{}, fault.Hint(fault.Usagef("there is no configuration file %s", path), "check --config and SENTRYIDP_CONFIG")
	}
	if err != nil {
		return node{}, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return node{}, err
	}
	if len(data) > maxFile {
		return node{}, fmt.Errorf("%s: is larger than %d KiB", path, maxFile>>10)
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
