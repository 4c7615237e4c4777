package cmd

import (
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// shard is part number of count parts; the first is 1.
type shard struct{ number, count int }

// shardOf reads the value of --shard. The number auto is that of this job: an indexed
// job of Kubernetes counts from 0 in JOB_COMPLETION_INDEX, and a parallel job of
// GitLab from 1 in CI_NODE_INDEX.
func shardOf(text string, getenv func(string) string) (shard, error) {
	if text == "" {
		return shard{1, 1}, nil
	}
	number, count, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return shard{}, wrongShard(text)
	}
	if number == "auto" {
		return shardOfJob(n, getenv)
	}
	i, err := strconv.Atoi(number)
	if err != nil || i < 1 || i > n {
		return shard{}, wrongShard(text)
	}
	return shard{i, n}, nil
}

func wrongShard(text string) error {
	return fault.Hint(fault.Usagef("expected i/n for --shard, with i from 1 to n, but found %q", text),
		"write 1/4 for the first of four parts, or auto/4 in a job that has an index")
}

func shardOfJob(count int, getenv func(string) string) (shard, error) {
	for _, index := range []struct {
		variable string
		first    int
		total    string // variable with the number of parts; empty: the job does not tell
	}{{"JOB_COMPLETION_INDEX", 0, ""}, {"CI_NODE_INDEX", 1, "CI_NODE_TOTAL"}} {
		text := getenv(index.variable)
		if text == "" {
			continue
		}
		i, err := strconv.Atoi(text)
		if err != nil || i < index.first || i-index.first >= count {
			return shard{}, fault.Hint(fault.Usagef("%s must be from %d to %d, found %q", index.variable, index.first, index.first+count-1, text),
				"give --shard as many parts as the job has: auto/N")
		}
		if total := getenv(index.total); total != "" && total != strconv.Itoa(count) {
			return shard{}, fault.Hint(fault.Usagef("--shard auto/%d must have as many parts as the job, and %s is %s", count, index.total, total),
				"write --shard auto/%s", total)
		}
		return shard{i - index.first + 1, count}, nil
	}
	return shard{}, fault.Hint(fault.Usagef("--shard auto/%d needs an index, and this job has none", count),
		"Kubernetes sets JOB_COMPLETION_INDEX in indexed jobs, and GitLab CI_NODE_INDEX in parallel ones; else write --shard 1/%d", count)
}

// of returns every count-th of names.
func (s shard) of(names []string) []string {
	var part []string
	for i, name := range names {
		if i%s.count == s.number-1 {
			part = append(part, name)
		}
	}
	return part
}
