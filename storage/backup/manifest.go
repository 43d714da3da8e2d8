package backup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Run is one point in time of a data folder.
type Run struct {
	Format    int
	Number    int // higher than those of all runs before
	Began     time.Time
	Ended     time.Time
	Directory File
	Accounts  []Account // in order of names
	Added     Added
}

// Added is what a run has brought into the repository.
type Added struct {
	Messages int64
	Bytes    int64 // of files
}

// Account is an account as of a run. Its state is the first file, changed by the others in turn.
type Account struct {
	ID       string // the name of its folder
	Name     string
	Failed   string `json:",omitempty"` // why it is not in this run
	Lineage  string `json:",omitempty"` // "" when it had no mail.db yet
	Messages int64  // in mailboxes
	Bytes    int64  // of them
	State    []File `json:",omitempty"`
	Stamp    string `json:",omitempty"` // of mail.db when it was copied; "" when it may have changed unnoticed since
	Lacks    int64  `json:",omitempty"` // messages without their bytes in mail.db itself
}

// dir is where the account's files are.
func (a *Account) dir() string { return path.Join("accounts", a.ID, a.Lineage) }

func runName(number int) string { return fmt.Sprintf("runs/%06d.json", number) }

// Runs returns the runs whose manifests are sound, the oldest first, and what is wrong with the others.
func (r *Repository) Runs() (runs []*Run, damaged []error, err error) {
	there, err := r.numbers()
	if err != nil {
		return nil, nil, err
	}
	if r.nameless != nil {
		damaged = append(damaged, r.nameless)
	}
	listed, err := r.listed()
	if err != nil && (len(there) > 0 || !errors.Is(err, os.ErrNotExist)) {
		damaged = append(damaged, fmt.Errorf("%s: %w: it is missing or not what was written", runListFile, ErrDamaged))
	}
	for _, n := range union(there, listed) {
		run, err := r.Run(n)
		if errors.Is(err, ErrNotFound) {
			err = fmt.Errorf("%s: %w: it is missing", runName(n), ErrDamaged)
		}
		if err != nil {
			damaged = append(damaged, err)
			continue
		}
		runs = append(runs, run)
	}
	return runs, damaged, nil
}

// runList is the file that says which runs there are, so that it is noticed when a manifest is missing. A run need not be
// in it to count.
type runList struct {
	Format int
	Runs   []int
}

const runListFile = "runs.json"

// listed reads it.
func (r *Repository) listed() ([]int, error) {
	var list runList
	err := r.readSealed(runListFile, &list)
	return list.Runs, err
}

// list writes it.
func (r *Repository) list(runs []int) error { return r.writeSealed(runListFile, runList{format, runs}) }

func union(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// numbers lists the numbers of the runs, in order.
func (r *Repository) numbers() ([]int, error) {
	entries, err := os.ReadDir(r.file("runs"))
	if err != nil && !errors.Is(err, os.ErrNotExist) { // before the first run
		return nil, err
	}
	var list []int
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), ".json")
		if n, err := strconv.Atoi(digits); ok && err == nil {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// Run returns the run of that number. ErrNotFound, ErrDamaged, ErrNewerFormat.
func (r *Repository) Run(number int) (*Run, error) {
	run := new(Run)
	err := r.readSealed(runName(number), run)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("run %d: %w", number, ErrNotFound)
	case err != nil:
		return nil, err
	case run.Format > format:
		return nil, fmt.Errorf("run %d: %w", number, ErrNewerFormat)
	}
	if !run.sane() {
		return nil, fmt.Errorf("run %d: %w", number, ErrDamaged)
	}
	return run, nil
}

// sane reports whether a manifest says what manifests can say.
func (run *Run) sane() bool {
	for _, f := range run.files() {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return false
		}
	}
	for i := range run.Accounts {
		a := &run.Accounts[i]
		if path.Base(a.ID) != a.ID || path.Base(a.Lineage) != a.Lineage && a.Lineage != "" || (a.Lineage != "") != (len(a.State) > 0) {
			return false
		}
	}
	return true
}

// Latest finds the last of the runs, given the oldest first, that began at or before a time. ErrNotFound when there is none.
func Latest(runs []*Run, at time.Time) (*Run, error) {
	for _, run := range slices.Backward(runs) {
		if !run.Began.After(at) {
			return run, nil
		}
	}
	return nil, fmt.Errorf("a run from %s or before: %w", at.Format(time.DateTime), ErrNotFound)
}

// files are those that the run alone names; packs are their lineage's.
func (run *Run) files() []File {
	list := []File{run.Directory}
	for i := range run.Accounts {
		list = append(list, run.Accounts[i].State...)
	}
	return list
}

// Account finds an account by its name. ErrNotFound when the run does not have it, or not its mail.
func (run *Run) Account(name string) (*Account, error) {
	for i := range run.Accounts {
		a := &run.Accounts[i]
		if a.Name != name {
			continue
		}
		if a.Failed != "" {
			return nil, fmt.Errorf("account %q could not be copied in run %d, so it is %w there: %s", name, run.Number, ErrNotFound, a.Failed)
		}
		return a, nil
	}
	return nil, fmt.Errorf("account %q in run %d: %w", name, run.Number, ErrNotFound)
}

// byID finds an account that was copied, nil when there is none.
func (run *Run) byID(id string) *Account {
	if run == nil {
		return nil
	}
	for i := range run.Accounts {
		if a := &run.Accounts[i]; a.ID == id && a.Failed == "" {
			return a
		}
	}
	return nil
}

// Totals counts the messages in the mailboxes of all accounts, and their bytes.
func (run *Run) Totals() (messages, bytes int64) {
	for i := range run.Accounts {
		messages += run.Accounts[i].Messages
		bytes += run.Accounts[i].Bytes
	}
	return messages, bytes
}
