package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/lipgloss"
)

// How often progress is shown: on a terminal often enough to look alive, in a
// log rarely enough to stay out of the way. A run that is over before is not
// worth a word.
const (
	redrawEvery = 100 * time.Millisecond
	firstRedraw = 300 * time.Millisecond
	logEvery    = 5 * time.Second
)

// Progress shows on standard error how far a run is: one line that is redrawn
// on a terminal, a plain line every few seconds elsewhere, nothing with --quiet.
// It may be used from several goroutines.
type Progress struct {
	term *Terminal
	now  func() time.Time

	mu      sync.Mutex
	stage   stage
	begun   time.Time // the run
	shown   time.Time // the last line
	latest  time.Time // the last step of any stage: the next one begins there
	written bool      // whether the stage as it is now was written to a log
	ended   bool
}

// stage is one part of a run: done of total steps since begun.
type stage struct {
	name        string
	done, total int
	begun, last time.Time
}

// Progress begins a display that takes the time from now.
func (t *Terminal) Progress(now func() time.Time) *Progress {
	begun := now()
	return &Progress{term: t, now: now, begun: begun, shown: begun, latest: begun}
}

// Step tells that done of total steps of a stage are made. Another name than
// before ends the stage before. Steps may come out of order: the furthest counts.
func (p *Progress) Step(name string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.term.Quiet || p.ended {
		return
	}
	now := p.now()
	if name != p.stage.name {
		p.finish(now)
		p.stage = stage{name: name, begun: p.latest}
	}
	if total == p.stage.total {
		done = max(done, p.stage.done)
	}
	p.stage.done, p.stage.total, p.stage.last = done, total, now
	p.latest, p.written = now, false
	p.show(now)
}

// End takes the line off the terminal. What is told afterwards is not shown.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended && !p.term.Quiet {
		p.finish(p.now())
	}
	p.ended = true
	p.term.setStatus("")
}

func (p *Progress) show(now time.Time) {
	switch {
	case !p.term.canRedraw():
		if now.Sub(p.shown) >= logEvery {
			p.log(now)
		}
	case now.Sub(p.begun) >= firstRedraw && now.Sub(p.shown) >= redrawEvery:
		p.shown = now
		// One column stays free: some terminals wrap when the last one is filled.
		p.term.setStatus(p.stage.line(p.term.ErrStyles(), p.term.columns()-1))
	}
}

// finish writes the stage that ends to a log, if the run lasts and it is not
// there yet.
func (p *Progress) finish(now time.Time) {
	if p.stage.name != "" && !p.written && !p.term.canRedraw() && now.Sub(p.begun) >= logEvery {
		p.log(now)
	}
}

func (p *Progress) log(now time.Time) {
	p.shown, p.written = now, true
	p.term.printf("%s\n", p.stage.words())
}

// words is the stage as a line of a log.
func (s stage) words() string {
	words := []string{fmt.Sprintf("%s: %d of %d", s.name, s.done, s.total), s.rate(), s.left()}
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), ", ")
}

// line is the stage in at most width columns. What there is no room for is left
// out: the bar first, then the time left, the rate, and the end of the rest.
func (s stage) line(styles Styles, width int) string {
	const bar = 10 // columns that a bar is worth drawing in, without its brackets
	name, count := s.name, strconv.Itoa(s.done)+"/"+strconv.Itoa(s.total)
	parts := []string{name, count}
	for _, part := range []string{s.rate(), s.left()} {
		if part != "" && lipgloss.Width(strings.Join(parts, "  "))+2+len(part) <= width {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, "  ")
	if room := width - lipgloss.Width(text) - 4; room >= bar {
		parts = append([]string{name, s.bar(styles, min(room, 40))}, parts[1:]...)
		return strings.Join(parts, "  ")
	}
	if runes := []rune(text); len(runes) > max(0, width) {
		return string(runes[:max(0, width)])
	}
	return text
}

// bar draws what is done with the terminal's own characters, so that it looks
// the same without colour.
func (s stage) bar(styles Styles, columns int) string {
	filled := 0
	if s.total > 0 {
		filled = min(columns, columns*s.done/s.total)
	}
	return "[" + styles.Good(strings.Repeat("#", filled)) + styles.Dim(strings.Repeat(".", columns-filled)) + "]"
}

// perSecond is the rate of the stage, 0 when it is not known yet.
func (s stage) perSecond() float64 {
	took := s.last.Sub(s.begun).Seconds()
	if took < 1 {
		return 0
	}
	return float64(s.done) / took
}

func (s stage) rate() string {
	switch rate := s.perSecond(); {
	case rate == 0:
		return ""
	case rate < 10:
		return fmt.Sprintf("%.1f/s", rate)
	default:
		return fmt.Sprintf("%.0f/s", rate)
	}
}

func (s stage) left() string {
	rate := s.perSecond()
	if rate == 0 || s.done >= s.total {
		return ""
	}
	seconds := float64(s.total-s.done) / rate
	return (time.Duration(seconds+0.5) * time.Second).String() + " left"
}
