package restore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"satchel/backend"
	"satchel/server/control"
	"satchel/storage"
	"satchel/storage/backup"
)

// Whole restores accounts as a whole, with the UIDs and UIDVALIDITYs that clients know.
type Whole struct {
	Repository     *backup.Repository
	Run            *backup.Run
	NewUIDValidity bool // in place of the ones that clients know
	Report         Report
}

// Account brings an account back that is gone, under the name as. With beside it is a copy: another account, whose UIDs
// and object identifiers are its own. data is the folder that admin has.
func (w *Whole) Account(ctx context.Context, a *backup.Account, admin control.Admin, data, as string, beside bool) (control.Adopted, backup.Restored, error) {
	tmp, err := backend.NewAdoption(data)
	if err != nil {
		return control.Adopted{}, backup.Restored{}, err
	}
	defer os.RemoveAll(tmp)
	known, err := w.directory(filepath.Join(tmp, "directory.db"))
	if err == nil && !isKnown(known, a) {
		err = errNotKnown
	}
	if err != nil {
		return control.Adopted{}, backup.Restored{}, err
	}
	advance := w.advance(w.Run)
	if beside {
		advance.NewUIDValidity, advance.NewObjects = true, true
	}
	done, err := w.mail(ctx, a, filepath.Join(tmp, "mail.db"), advance)
	if err != nil {
		return control.Adopted{}, done, err
	}
	adopted, err := admin.AdoptAccount(control.Adoption{From: filepath.Base(tmp), Name: a.Name, As: as})
	return adopted, done, err
}

// lostError says why no run has a copy of an account's mail that can be read.
type lostError struct{ damage []string }

func (e lostError) Error() string { return strings.Join(e.damage, "; ") }

// lastGood puts together the mail of an account, from its last copy, or the last before it whose state is not damaged.
func (w *Whole) lastGood(ctx context.Context, id, file string) (done backup.Restored, err error) {
	var damage []string
	for last := w.Run; ; {
		a, from, err := w.Repository.LastCopy(last, id)
		if err != nil {
			return done, lostError{append(damage, "no run has its mail")}
		}
		if from != w.Run {
			w.Report.Line("account %s: run %d has no good copy of it; what follows is from run %d", a.Name, w.Run.Number, from.Number)
		}
		done, err = w.mail(ctx, a, file, w.advance(from))
		if errors.Is(err, backup.ErrDamaged) {
			damage = append(damage, err.Error())
			if last, err = w.Repository.Before(from); err == nil {
				continue
			}
			err, damage = lostError{damage}, nil
		}
		done.Problems = append(damage, done.Problems...)
		return done, err
	}
}

// mail puts together the mail of an account as a run has it, if it ever had any.
func (w *Whole) mail(ctx context.Context, a *backup.Account, file string, advance storage.Advance) (backup.Restored, error) {
	if a.Lineage == "" {
		return backup.Restored{}, nil
	}
	done, err := w.Repository.Mail(ctx, a, file, advance, func(n storage.PackCount) { w.Report.More(int(n.Messages)) })
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever it has led to
	}
	return done, err
}

// advance is how far mail of a run is moved on for clients.
func (w *Whole) advance(run *backup.Run) storage.Advance {
	a := run.Advance(time.Now())
	a.NewUIDValidity = a.NewUIDValidity || w.NewUIDValidity
	return a
}
