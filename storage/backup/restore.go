package backup

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"satchel/storage"
)

// Directory puts the directory.db of a run into a new file, in the newest schema.
func (r *Repository) Directory(run *Run, to string) error {
	if err := r.extract(run.Directory, to); err != nil {
		return err
	}
	d, err := storage.OpenDirectory(to)
	if err != nil {
		return err
	}
	return d.Close()
}

// LastCopy finds the newest copy of an account in a run or before. ErrNotFound when there is none.
func (r *Repository) LastCopy(run *Run, id string) (*Account, *Run, error) {
	if a := run.byID(id); a != nil {
		return a, run, nil
	}
	runs, _, err := r.Runs()
	for _, earlier := range slices.Backward(runs) {
		if a := earlier.byID(id); a != nil && earlier.Number < run.Number {
			return a, earlier, nil
		}
	}
	return nil, nil, errors.Join(err, ErrNotFound)
}

// Before is the newest run before one. ErrNotFound when that is the first.
func (r *Repository) Before(run *Run) (*Run, error) {
	runs, _, err := r.Runs()
	for _, earlier := range slices.Backward(runs) {
		if earlier.Number < run.Number {
			return earlier, nil
		}
	}
	return nil, errors.Join(err, ErrNotFound)
}

// Advance is how far mail of a run that is restored at a time is moved on, so that what clients have been told since the
// run is not given out again: by a million UIDs and 64 more for each second that has passed, which tells apart what two
// restores of one run give out, and mod-sequences and IDs likewise. By a clock that has been set back beyond the run nobody
// knows what has passed: mailboxes get new UIDVALIDITYs then.
func (run *Run) Advance(now time.Time) storage.Advance {
	seconds := int64(max(now.Sub(run.Began), 0)/time.Second) + 1
	return storage.Advance{
		UIDs:      storage.UID(min(1<<20+64*seconds, math.MaxUint32)),
		ModSeqs:   storage.ModSeq(1<<32 + seconds<<16),
		Messages:  storage.MessageID(1<<20 + 4*seconds),
		Mailboxes: storage.MailboxID(1<<16 + seconds),

		NewUIDValidity: now.Before(run.Began),
	}
}

// Restored says what became of an account's mail.
type Restored struct {
	Messages int64 // in mailboxes
	Lost     int64 // entries whose messages are not in the backup, and that were left out
	Problems []string
}

// Mail puts the mail.db of an account together in a new file at path, of the newest schema, moved on by advance. What is
// damaged in the backup is told and left out: the rest is there. ErrDamaged when the state is. each is told of messages gone
// through. After an error there is no file.
func (r *Repository) Mail(ctx context.Context, a *Account, path string, advance storage.Advance, each func(storage.PackCount)) (done Restored, err error) {
	state := path + ".state"
	defer func() {
		os.Remove(state)
		for _, suffix := range [...]string{"", "-wal", "-shm"} {
			if err != nil {
				os.Remove(path + suffix)
			}
		}
	}()
	if err := r.state(a, state); err != nil {
		return done, err
	}
	l, err := r.openLineage(a.dir())
	if err != nil {
		return done, err
	}
	x, err := storage.Assemble(path, state)
	if err != nil {
		return done, err
	}
	for _, p := range l.list.Packs {
		if err := r.addPack(ctx, x, p, &done, each); err != nil {
			x.Abort()
			return done, err
		}
	}
	if err := r.salvageAside(ctx, x, l.dir, &done); err != nil {
		x.Abort()
		return done, err
	}
	if err := x.Finish(); err != nil {
		return done, err
	}
	return done, done.complete(path, advance)
}

// addPack adds a pack; of a damaged one what can be read.
func (r *Repository) addPack(ctx context.Context, x *storage.Assembly, p packFile, done *Restored, each func(storage.PackCount)) error {
	err := r.verify(p.File)
	if err == nil {
		return x.AddPack(ctx, r.file(p.Name), each)
	}
	if ctx.Err() != nil || !errors.Is(err, ErrDamaged) {
		return err
	}
	done.Problems = append(done.Problems, err.Error())
	if err := x.Salvage(ctx, r.file(p.Name)); err != nil {
		done.Problems = append(done.Problems, err.Error())
	}
	each(p.Count)
	return ctx.Err()
}

// salvageAside adds, where the packs lack messages, what can be read of those that were put aside.
func (r *Repository) salvageAside(ctx context.Context, x *storage.Assembly, dir string, done *Restored) error {
	for _, name := range r.aside(dir) {
		lacks, err := x.Lacks()
		if err != nil || lacks == 0 {
			return err
		}
		done.Problems = append(done.Problems, fmt.Sprintf("%s: %v: %d messages are looked for in it", name, ErrDamaged, lacks))
		if err := x.Salvage(ctx, r.file(name)); err != nil {
			done.Problems = append(done.Problems, err.Error())
		}
	}
	return ctx.Err()
}

// complete brings the file to the newest schema, moves it on, and looks at what is in it.
func (done *Restored) complete(path string, advance storage.Advance) error {
	m, err := storage.OpenMail(path)
	if err != nil {
		return err
	}
	if advance != (storage.Advance{}) {
		err = m.Advance(advance)
	}
	if err == nil {
		done.Lost, err = m.LeaveOutLost()
	}
	var found []storage.Problem
	if err == nil {
		found, err = m.Check(context.Background(), false)
	}
	boxes, _, e := m.Mailboxes()
	err = errors.Join(err, e)
	for _, b := range boxes {
		done.Messages += int64(b.Messages)
	}
	for _, p := range found {
		done.Problems = append(done.Problems, p.String())
	}
	if err = errors.Join(err, m.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
