package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Assembly is a mail.db under construction out of a state and packs. Used by one goroutine.
type Assembly struct {
	c    *conn
	path string
}

// Assemble begins a mail.db at path with a state: its messages have no bytes yet.
func Assemble(path, state string) (*Assembly, error) {
	c, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	a := &Assembly{c, path}
	err = c.script(fmt.Sprintf("PRAGMA page_size = %d; PRAGMA auto_vacuum = 0; %s", mailPageSize, makeNeeded))
	if err == nil {
		err = c.with(state, "state", a.takeState)
	}
	if err != nil {
		c.close()
		return nil, wrapWriting(path, err)
	}
	return a, nil
}

// takeState makes the tables as they were and fills those of the state.
func (a *Assembly) takeState() error {
	if err := a.make(true); err != nil {
		return err
	}
	version, err := a.c.queryInt("PRAGMA state.user_version")
	if err != nil {
		return err
	}
	err = a.c.script(fmt.Sprintf(`PRAGMA main.user_version = %d; DELETE FROM main.sqlite_sequence;
		INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM state._sequence`, version))
	if err != nil {
		return err
	}
	err = a.c.tables("state", func(name, _ string) error {
		return a.c.script(fmt.Sprintf("INSERT INTO main.%s SELECT * FROM state.%[1]s", quoted(name)))
	})
	if err != nil {
		return err
	}
	if err := a.make(false); err != nil {
		return err
	}
	return a.c.noteNeeded("main")
}

// make makes the tables, or the indexes on them.
func (a *Assembly) make(tables bool) error {
	var texts []string
	err := a.c.query("SELECT sql FROM state._schema WHERE (substr(sql, 1, 13) = 'CREATE TABLE ') = ? ORDER BY place", func(r row) error {
		texts = append(texts, r.text(0))
		return nil
	}, btoi(tables))
	for _, sql := range texts {
		if err == nil {
			err = a.c.script(sql)
		}
	}
	return err
}

// AddPack adds those messages of a pack that the state needs, and tells how many it has gone through.
func (a *Assembly) AddPack(ctx context.Context, pack string, each func(PackCount)) error {
	err := a.c.with(pack, "pack", func() error { return a.c.copyPack(ctx, "main", true, each) })
	return wrapWriting(a.path, err)
}

// Lacks counts the messages that the state needs and that were in no pack so far.
func (a *Assembly) Lacks() (int64, error) {
	n, err := a.c.queryInt("SELECT count(*) FROM temp.needed WHERE id NOT IN (SELECT id FROM main.message)")
	return n, wrapWriting(a.path, err)
}

// Salvage adds what can be read of a damaged pack, message by message.
func (a *Assembly) Salvage(ctx context.Context, pack string) error {
	if err := a.c.script("PRAGMA main.journal_mode = MEMORY"); err != nil { // so that a message can be undone
		return err
	}
	defer a.c.script("PRAGMA main.journal_mode = OFF")
	return a.c.with(pack, "pack", func() error {
		var ids []MessageID
		err := a.c.query("SELECT id FROM pack.message INDEXED BY message_sizes WHERE +id IN (SELECT id FROM temp.needed EXCEPT SELECT id FROM main.message)",
			func(r row) error { ids = append(ids, MessageID(r.int(0))); return nil })
		for _, id := range ids {
			if e := ctx.Err(); e != nil {
				return e
			}
			if e := a.salvage(id); err == nil {
				err = e
			}
		}
		return err
	})
}

// salvage adds one message, if all of it can be read.
func (a *Assembly) salvage(id MessageID) error {
	if err := a.c.exec("BEGIN"); err != nil {
		return err
	}
	defer a.c.rollback()
	if err := a.c.copyMessages("pack", "main", id, id, false); err != nil {
		return err
	}
	size, err := a.c.queryInt("SELECT size FROM main.message WHERE id = ?", int64(id))
	if err != nil {
		return err
	}
	raw, err := a.c.appendBytes(nil, id, 0, size, nil)
	if err != nil {
		return err
	}
	if int64(len(raw)) != size {
		return fmt.Errorf("message %d: %w", id, ErrCorrupt)
	}
	return a.c.exec("COMMIT")
}

// Outline completes the file without packs, to be looked at: its entries have no messages.
func (a *Assembly) Outline() error {
	err := a.c.exec("DELETE FROM orphan") // a migration may look for the messages of its rows
	if e := a.c.close(); err == nil {
		err = e
	}
	return err
}

// Finish completes the file, which is on the disk when it returns. Entries may be left whose messages were in no pack:
// LeaveOutLost removes them.
func (a *Assembly) Finish() error {
	err := a.c.exec("DELETE FROM orphan WHERE message NOT IN (SELECT id FROM message)")
	if err = errors.Join(wrapWriting(a.path, err), a.c.close()); err != nil {
		return err
	}
	f, err := os.OpenFile(a.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return wrapFile(a.path, f.Sync())
}

// Abort gives up.
func (a *Assembly) Abort() { a.c.close() }
