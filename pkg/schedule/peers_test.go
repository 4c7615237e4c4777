package schedule_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/schedule"
)

// jobs are those that each platform has to understand.
func jobs() map[string]schedule.Settings {
	profiles := acme()
	profiles.Shards = 8
	return map[string]schedule.Settings{"everything": acme(), "the least": plain(), "hostile": hostile(), "profiles": profiles}
}

// put writes the files of a job below a folder.
func put(t *testing.T, files []schedule.File) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.Content), f.Mode); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestActionlintAcceptsTheWorkflow asks github.com/rhysd/actionlint, which knows
// GitHub's syntax, contexts, actions and their inputs.
func TestActionlintAcceptsTheWorkflow(t *testing.T) {
	t.Parallel()
	actionlint := peers.File(t, "actionlint")
	for name, s := range jobs() {
		files := written(t, schedule.GitHub, s)
		path := filepath.Join(put(t, files), files[0].Path)
		if out, err := exec.CommandContext(t.Context(), actionlint, "-no-color", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestGitLabsSchemaAcceptsThePipeline asks the schema of GitLab's own editor
// (gitlab-org/gitlab, app/assets/javascripts/editor/schema/ci.json), which the
// package check-jsonschema ships.
func TestGitLabsSchemaAcceptsThePipeline(t *testing.T) {
	t.Parallel()
	schema := compiled(t, peers.File(t, "gitlab-ci.json"), "")
	for name, s := range jobs() {
		for _, document := range documents(t, written(t, schedule.GitLab, s)[0].Content) {
			if err := schema.Validate(document); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if schema.Validate(map[string]any{"job": map[string]any{"script": "true", "retry": map[string]any{"exit_code": 1}}}) == nil {
		t.Error("the schema takes everything")
	}
}

// TestKubernetesSchemaAcceptsTheManifest asks the schema of Kubernetes' API, without
// fields that it does not know, which the package kubernetes-validate ships.
func TestKubernetesSchemaAcceptsTheManifest(t *testing.T) {
	t.Parallel()
	path := peers.File(t, "kubernetes-1.37.0.json")
	groups := map[string]string{
		"ServiceAccount": "core.v1", "ConfigMap": "core.v1", "PersistentVolumeClaim": "core.v1",
		"NetworkPolicy": "networking.v1", "CronJob": "batch.v1",
	}
	schemas := map[string]*jsonschema.Schema{}
	for kind, group := range groups {
		schemas[kind] = compiled(t, path, "#/$defs/io.k8s.api."+group+"."+kind)
	}
	for name, s := range jobs() {
		found := documents(t, written(t, schedule.Kubernetes, s)[0].Content)
		if len(found) != 6 {
			t.Errorf("%s: %d objects", name, len(found))
		}
		for _, document := range found {
			object, _ := document.(map[string]any)
			kind, _ := object["kind"].(string)
			schema, known := schemas[kind]
			if !known {
				t.Errorf("%s: no schema for the kind %q", name, kind)
				continue
			}
			if err := schema.Validate(document); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	unknown := map[string]any{"apiVersion": "batch/v1", "kind": "CronJob", "spec": map[string]any{"schedul": "* * * * *"}}
	if schemas["CronJob"].Validate(unknown) == nil {
		t.Error("the schema takes everything")
	}
}

// compiled is the schema in a file, or the one at a place in it.
func compiled(t *testing.T, path, place string) *jsonschema.Schema {
	t.Helper()
	data, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = data.Close() }()
	document, err := jsonschema.UnmarshalJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("https://schema.test/schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("https://schema.test/schema.json" + place)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// documents are those of a file of YAML, each as JSON would be read.
func documents(t *testing.T, text string) []any {
	t.Helper()
	var all []any
	for decoder := yaml.NewDecoder(strings.NewReader(text)); ; {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		all = append(all, document)
	}
}

// TestSystemdAcceptsTheUnits asks 'systemd-analyze verify', with a program that is
// there in the place of sentryidp, and 'systemd-analyze security' how exposed the
// services are, from 0 (nothing) to 10.
func TestSystemdAcceptsTheUnits(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		peers.Missing(t, "systemd-analyze")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range jobs() {
		files := written(t, schedule.Systemd, s)
		var units []string
		for i, f := range files {
			files[i].Content = strings.Replace(f.Content, "ExecStart=/usr/bin/sentryidp ", "ExecStart="+program+" ", 1)
		}
		folder := put(t, files)
		for _, f := range files {
			if strings.HasSuffix(f.Path, ".yaml") {
				continue
			}
			path := filepath.Join(folder, f.Path)
			units = append(units, path)
			if strings.HasSuffix(f.Path, ".service") && !strings.Contains(f.Path, "@") {
				security := exec.CommandContext(t.Context(), analyze, "security", "--no-pager", "--offline=yes", "--threshold=15", path)
				if out, err := security.CombinedOutput(); err != nil {
					t.Errorf("%s: %s: %v\n%s", name, f.Path, err, out)
				}
			}
		}
		out, err := exec.CommandContext(t.Context(), analyze, append([]string{"verify", "--man=no"}, units...)...).CombinedOutput()
		if err != nil || strings.Contains(string(out), folder) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
