package storage

import (
	"context"
	"fmt"
)

// Problem is something wrong in a mail.db. Fields that do not apply are 0.
type Problem struct {
	Mailbox MailboxID
	UID     UID
	Message MessageID
	Text    string
}

func (p Problem) String() string {
	s := ""
	if p.Mailbox != 0 {
		s += fmt.Sprintf("mailbox %d: ", p.Mailbox)
	}
	if p.UID != 0 {
		s += fmt.Sprintf("UID %d: ", p.UID)
	}
	if p.Message != 0 {
		s += fmt.Sprintf("message %d: ", p.Message)
	}
	return s + p.Text
}

// maxProblems bounds the answer of Check: one damage can show in every row.
const maxProblems = 1000

// Check looks for damage: SQLite's own check, counters against entries, entries against messages, and with deep every
// byte stored. It returns at most 1000 problems; the error is for what kept it from looking, such as the end of ctx.
func (m *Mail) Check(ctx context.Context, deep bool) ([]Problem, error) {
	var p problems
	err := m.read(func(c *conn) error {
		return c.snapshot(func() error { return p.check(ctx, c, deep) })
	})
	if err != nil {
		return p, fmt.Errorf("check: %w", err)
	}
	return p, nil
}

type problems []Problem

func (p *problems) add(x Problem) {
	if len(*p) < maxProblems {
		*p = append(*p, x)
	}
}

func (p *problems) check(ctx context.Context, c *conn, deep bool) error {
	if err := p.sound(c, deep); err != nil {
		return err
	}
	for _, rule := range rules {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := p.apply(c, rule.text, rule.sql); err != nil {
			return err
		}
	}
	if !deep {
		return nil
	}
	if err := p.readSortKeys(c); err != nil {
		return err
	}
	return p.readAll(ctx, c)
}

// sound runs SQLite's own check, which is thorough with deep.
func (p *problems) sound(c *conn, deep bool) error {
	integrity := "PRAGMA quick_check(100)"
	if deep {
		integrity = "PRAGMA integrity_check(100)"
	}
	return c.query(integrity, func(r row) error {
		if text := r.text(0); text != "ok" {
			p.add(Problem{Text: text})
		}
		return nil
	})
}

// rules are queries for rows that should not be: mailbox, UID, message, 0 where one does not apply.
var rules = [...]struct{ text, sql string }{
	{"counters differ from the entries", `SELECT b.id, 0, 0 FROM mailbox b LEFT JOIN (SELECT mailbox, count(*) AS n,
		sum(flags & 1 = 0) AS unseen, sum(flags & 8 != 0) AS deleted, sum(size) AS size FROM entry GROUP BY mailbox) e
		ON e.mailbox = b.id WHERE b.messages != coalesce(e.n, 0) OR b.unseen != coalesce(e.unseen, 0)
		OR b.deleted != coalesce(e.deleted, 0) OR b.size != coalesce(e.size, 0)`},
	{"entry without a mailbox", `SELECT mailbox, uid, message FROM entry WHERE mailbox NOT IN (SELECT id FROM mailbox)`},
	{"UID not below UIDNEXT", `SELECT e.mailbox, e.uid, e.message FROM entry e JOIN mailbox b ON b.id = e.mailbox
		WHERE e.uid >= b.uidnext OR e.uid < 1`},
	{"mod-sequence above the mailbox's", `SELECT e.mailbox, e.uid, e.message FROM entry e
		JOIN mailbox b ON b.id = e.mailbox WHERE e.modseq > b.modseq OR e.modseq < 1`},
	{"mod-sequence of the mailbox below 1", `SELECT id, 0, 0 FROM mailbox WHERE modseq < 1`},
	{"UIDVALIDITY below 1", `SELECT id, 0, 0 FROM mailbox WHERE uidvalidity < 1`},
	{"entry without its message", `SELECT e.mailbox, e.uid, e.message FROM entry e
		LEFT JOIN message m ON m.id = e.message WHERE m.id IS NULL`},
	{"entry's size differs from its message's", `SELECT e.mailbox, e.uid, e.message FROM entry e
		JOIN message m ON m.id = e.message WHERE m.size != e.size`},
	{"message without a header", `SELECT 0, 0, id FROM message WHERE id NOT IN (SELECT message FROM header)`},
	{"header without a message", `SELECT 0, 0, message FROM header WHERE message NOT IN (SELECT id FROM message)`},
	{"thread of a message that is not there", `SELECT 0, 0, message FROM thread WHERE message NOT IN (SELECT id FROM message)`},
	{"thread that began after its message", `SELECT 0, 0, message FROM thread WHERE thread > message OR thread < 1`},
	{"name of a thread without messages", `SELECT DISTINCT 0, 0, thread FROM threadname
		WHERE thread NOT IN (SELECT thread FROM thread)`},
	{"sort keys without a message", `SELECT 0, 0, message FROM sortkey WHERE message NOT IN (SELECT id FROM message)`},
	{"body without a message", `SELECT DISTINCT 0, 0, id >> 18 FROM body WHERE id >> 18 NOT IN (SELECT id FROM message)`},
	{"count of entries is wrong", `SELECT 0, 0, e.message FROM (SELECT message, count(*) AS n FROM entry
		GROUP BY message) e LEFT JOIN shared s ON s.message = e.message WHERE e.n != coalesce(s.entries, 1)`},
	{"count of entries for a message without", `SELECT 0, 0, message FROM shared
		WHERE message NOT IN (SELECT message FROM entry)`},
	{"message neither in a mailbox nor expunged", `SELECT 0, 0, id FROM message
		WHERE id NOT IN (SELECT message FROM entry) AND id NOT IN (SELECT message FROM orphan)`},
	{"message both in a mailbox and expunged", `SELECT 0, 0, message FROM orphan
		WHERE message IN (SELECT message FROM entry)`},
	{"expunged message is not there", `SELECT mailbox, uid, message FROM orphan WHERE message NOT IN (SELECT id FROM message)`},
	{"expunged message of a mailbox without a name", `SELECT mailbox, uid, message FROM orphan
		WHERE mailbox NOT IN (SELECT id FROM mailbox) AND mailbox NOT IN (SELECT mailbox FROM former)`},
	{"annotation without a mailbox", `SELECT DISTINCT mailbox, 0, 0 FROM metadata
		WHERE mailbox != 0 AND mailbox NOT IN (SELECT id FROM mailbox)`},
	{"expunged UID is still there", `SELECT e.mailbox, e.uid, e.message FROM expunged x
		JOIN entry e ON e.mailbox = x.mailbox AND e.uid BETWEEN x.first AND x.last`},
	{"expunge above the mailbox's mod-sequence or UIDNEXT", `SELECT x.mailbox, x.first, 0 FROM expunged x
		JOIN mailbox b ON b.id = x.mailbox WHERE x.modseq > b.modseq OR x.last >= b.uidnext OR x.first > x.last`},
	{"expunges of the future are forgotten", `SELECT id, 0, 0 FROM mailbox WHERE forgotten > modseq OR forgotten < 0`},
	{"keyword not in the mailbox's list", `SELECT DISTINCT e.mailbox, 0, 0 FROM entry e,
		json_each('["' || replace(e.keywords, ' ', '","') || '"]') k WHERE e.keywords IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM keyword w WHERE w.mailbox = e.mailbox AND w.name = k.value)`},
}

// apply reports every row that a rule finds.
func (p *problems) apply(c *conn, text, sql string) error {
	return c.query(sql, func(r row) error {
		p.add(Problem{MailboxID(r.int(0)), UID(r.int(1)), MessageID(r.int(2)), text})
		return nil
	})
}

// readSortKeys takes all sort keys apart.
func (p *problems) readSortKeys(c *conn) error {
	return c.query("SELECT message, data FROM sortkey", func(r row) error {
		if id := MessageID(r.int(0)); unpackSortKeys(id, r.blob(1)) == nil {
			p.add(Problem{Message: id, Text: "damaged sort keys"})
		}
		return nil
	})
}

// readAll unpacks every message.
func (p *problems) readAll(ctx context.Context, c *conn) error {
	var ids []MessageID
	var sizes []int64
	err := c.query("SELECT id, size FROM message", func(r row) error {
		ids, sizes = append(ids, MessageID(r.int(0))), append(sizes, r.int(1))
		return nil
	})
	if err != nil {
		return err
	}
	var buf []byte
	for i, id := range ids {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		const step = 8 * chunkSize
		for from := int64(0); from < max(sizes[i], 1); from += step {
			if buf, err = c.appendBytes(buf[:0], id, from, from+step, nil); err != nil {
				p.add(Problem{Message: id, Text: err.Error()})
				break
			}
			if want := min(step, sizes[i]-from); int64(len(buf)) != want {
				p.add(Problem{Message: id, Text: fmt.Sprintf("%d bytes at %d, want %d", len(buf), from, want)})
			}
		}
	}
	return nil
}
