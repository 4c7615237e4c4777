package setup

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// maxTable bounds what a comparison of lines costs, in entries of its table.
const maxTable = 4 << 20

// around is how many lines that are the same are shown beside those that differ.
const around = 2

// change is a line of a comparison: its sign is '-', '+' or ' '.
type change struct {
	sign byte
	text string
}

// WriteDiff shows what becomes of a text, line by line, with nothing that could
// steer a terminal.
func WriteDiff(w io.Writer, s ui.Styles, before, after []byte) error {
	changes := compare(lines(before), lines(after))
	last := -1
	for i, c := range changes {
		if !near(changes, i) {
			continue
		}
		if i > last+1 {
			if _, err := fmt.Fprintln(w, s.Dim("  ...")); err != nil {
				return err
			}
		}
		last = i
		line := string(c.sign) + " " + ui.Printable(strings.ReplaceAll(c.text, "\t", "    "))
		switch c.sign {
		case '-':
			line = s.Bad(line)
		case '+':
			line = s.Good(line)
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// near reports whether a line differs, or stands beside one that does.
func near(changes []change, i int) bool {
	for _, c := range changes[max(0, i-around):min(len(changes), i+around+1)] {
		if c.sign != ' ' {
			return true
		}
	}
	return false
}

func lines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
}

// compare finds the longest common part of two lists of lines, or replaces the
// whole where that would cost too much.
func compare(before, after []string) []change {
	head, tail := 0, 0
	for head < min(len(before), len(after)) && before[head] == after[head] {
		head++
	}
	for tail < min(len(before), len(after))-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	var changes []change
	for _, line := range before[:head] {
		changes = append(changes, change{' ', line})
	}
	changes = append(changes, middle(before[head:len(before)-tail], after[head:len(after)-tail])...)
	for _, line := range before[len(before)-tail:] {
		changes = append(changes, change{' ', line})
	}
	return changes
}

func middle(before, after []string) []change {
	var changes []change
	var common [][]int
	if len(before)*len(after) <= maxTable {
		common = table(before, after)
	}
	i, j := 0, 0
	for i < len(before) && j < len(after) && common != nil {
		switch {
		case before[i] == after[j]:
			changes = append(changes, change{' ', before[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			changes = append(changes, change{'-', before[i]})
			i++
		default:
			changes = append(changes, change{'+', after[j]})
			j++
		}
	}
	for _, line := range before[i:] {
		changes = append(changes, change{'-', line})
	}
	for _, line := range after[j:] {
		changes = append(changes, change{'+', line})
	}
	return changes
}

// table holds how many lines the ends of both lists have in common.
func table(before, after []string) [][]int {
	common := make([][]int, len(before)+1)
	for i := range common {
		common[i] = make([]int, len(after)+1)
	}
	for i, line := range slices.Backward(before) {
		for j, other := range slices.Backward(after) {
			if line == other {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
