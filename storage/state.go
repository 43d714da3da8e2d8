package storage

import (
	"context"
	"fmt"
	"math"
)

// A state has all tables of a mail.db but those of packs, and two of its own: the statements that make the mail.db's
// tables and indexes, and the highest IDs that AUTOINCREMENT has given.
const (
	stateSchema   = "_schema"
	stateSequence = "_sequence"
)

const statePageSize = 4096

// CopyState makes a file of the mail.db's state at path, and adds to the open pack the messages after one: both are as
// of one moment. last is the ID up to which messages have been copied now.
func (k *Copier) CopyState(ctx context.Context, path string, after MessageID) (n PackCount, last MessageID, err error) {
	if err := k.c.attachNew(path, "state", statePageSize); err != nil {
		return n, 0, err
	}
	defer k.c.detach("state")
	err = k.together(ctx, func() error {
		if last, _, err = k.LastMessage(); err != nil {
			return err
		}
		last = max(last, after)
		if n, _, err = k.c.copySome("live", "pack", after, last, math.MaxInt64, false); err != nil {
			return err
		}
		return k.c.copyState()
	})
	return n, last, wrapWriting(path, err)
}

func (c *conn) copyState() error {
	version, err := c.queryInt("PRAGMA live.user_version")
	if err != nil {
		return err
	}
	err = c.script(fmt.Sprintf(`PRAGMA state.user_version = %d;
		CREATE TABLE state.%s (name TEXT PRIMARY KEY, place INTEGER, sql TEXT) WITHOUT ROWID;
		INSERT INTO state.%[2]s SELECT name, row_number() OVER (ORDER BY rowid), sql FROM live.sqlite_schema
			WHERE sql IS NOT NULL AND substr(tbl_name, 1, 1) != '_' AND substr(name, 1, 7) != 'sqlite_';
		CREATE TABLE state.%[3]s (name TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
		INSERT INTO state.%[3]s SELECT name, seq FROM live.sqlite_sequence WHERE substr(name, 1, 1) != '_'`,
		version, stateSchema, stateSequence))
	if err != nil {
		return err
	}
	return c.tables("live", func(name, sql string) error {
		if isMessageTable(name) {
			return nil
		}
		if err := c.makeTable(sql, "state"); err != nil {
			return err
		}
		return c.script(fmt.Sprintf("INSERT INTO state.%s SELECT * FROM live.%[1]s", quoted(name)))
	})
}

// stateTables calls each for all tables of a state.
func (c *conn) stateTables(schema string, each func(name string) error) error {
	var names []string
	err := c.tables(schema, func(name, _ string) error { names = append(names, name); return nil })
	for _, name := range append(names, stateSchema, stateSequence) {
		if err == nil {
			err = each(name)
		}
	}
	return err
}

// StateTotals counts what is in the mailboxes of a state.
func StateTotals(path string) (messages, bytes int64, err error) {
	c, err := openFrozen(path)
	if err != nil {
		return 0, 0, err
	}
	defer c.close()
	err = c.queryRow("SELECT coalesce(sum(messages), 0), coalesce(sum(size), 0) FROM mailbox",
		func(r row) { messages, bytes = r.int(0), r.int(1) })
	return messages, bytes, err
}
