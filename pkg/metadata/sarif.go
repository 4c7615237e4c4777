package metadata

import (
	"net/url"
	"path/filepath"
)

// The parts of SARIF 2.1.0 that a list of findings needs (OASIS,
// sarif-v2.1.0-os, section 3). The keys are SARIF's own.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"` //nolint:tagliatelle // SARIF's name
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifText    `json:"shortDescription"` //nolint:tagliatelle // SARIF's name
		Full    sarifText    `json:"fullDescription"`  //nolint:tagliatelle // SARIF's name
		Help    sarifText    `json:"help"`
		Default sarifDefault `json:"defaultConfiguration"` //nolint:tagliatelle // SARIF's name
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`    //nolint:tagliatelle // SARIF's name
		RuleIndex int             `json:"ruleIndex"` //nolint:tagliatelle // SARIF's name
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"` //nolint:tagliatelle // SARIF's name
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"` //nolint:tagliatelle // SARIF's name
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"` //nolint:tagliatelle // SARIF's name
	}
)

// SARIF returns the findings as a SARIF 2.1.0 log, ready to be written as JSON.
// Of the rules, those are listed that were found, in the order of Rules.
// version is that of this program.
func (j *Judgement) SARIF(version string) any {
	index := map[string]int{}
	driver := sarifDriver{Name: "sentryidp", Version: version, Rules: []sarifRule{}}
	for _, rule := range Rules() {
		if !j.has(rule.Code) {
			continue
		}
		index[rule.Code] = len(driver.Rules)
		driver.Rules = append(driver.Rules, sarifRule{
			ID: rule.Code, Short: sarifText{rule.Title}, Full: sarifText{rule.Title + ". Sentry " + rule.Sentry + "."},
			Help: sarifText{"Fix: " + rule.Fix + "."}, Default: sarifDefault{level(rule.Severity)},
		})
	}
	results := make([]sarifResult, 0, len(j.Findings))
	for _, f := range j.Findings {
		where := sarifPhysical{Artifact: sarifArtifact{artifact(j.Source)}}
		if f.Line > 0 {
			where.Region = &sarifRegion{f.Line}
		}
		results = append(results, sarifResult{
			RuleID: f.Code, RuleIndex: index[f.Code], Level: level(f.Severity),
			Message:   sarifText{f.Message + ". Sentry " + f.Sentry + ". Fix: " + f.Fix + "."},
			Locations: []sarifLocation{{where}},
		})
	}
	return sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	}
}

func (j *Judgement) has(code string) bool {
	for _, f := range j.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

func level(s Severity) string {
	if s == Info {
		return "note"
	}
	return string(s)
}

// artifact is a URI, relative for a file.
func artifact(source string) string {
	if source == "-" {
		return "stdin"
	}
	if u, err := url.Parse(source); err == nil && u.IsAbs() && u.Host != "" {
		return u.String()
	}
	return (&url.URL{Path: filepath.ToSlash(source)}).String()
}
