package storage

import "fmt"

// LeaveOutLost removes the entries of a mail.db that was restored whose messages are not there, and counts them. To clients
// they are expunged.
func (m *Mail) LeaveOutLost() (n int64, err error) {
	tx, err := m.Begin()
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	if n, err = tx.leaveOutLost(); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("leave out what was lost: %w", err)
	}
	return n, nil
}

func (tx *Tx) leaveOutLost() (n int64, err error) {
	lost := map[MailboxID][]Entry{}
	err = tx.c.query(`SELECT uid, message, flags, modseq, size, date, saved, keywords, mailbox FROM entry
		WHERE message NOT IN (SELECT id FROM message) ORDER BY mailbox, uid`, func(r row) error {
		id := MailboxID(r.int(8))
		lost[id] = append(lost[id], scanEntry(r))
		return nil
	})
	for id, rows := range lost {
		if err == nil {
			_, err = tx.remove(id, rows)
		}
		n += int64(len(rows))
	}
	for _, sql := range [...]string{
		"DELETE FROM shared WHERE message NOT IN (SELECT id FROM message)",
		"DELETE FROM thread WHERE message NOT IN (SELECT id FROM message)",
		"DELETE FROM threadname WHERE thread NOT IN (SELECT thread FROM thread)",
		"DELETE FROM former WHERE mailbox NOT IN (SELECT mailbox FROM orphan)",
	} {
		if err == nil {
			err = tx.c.exec(sql)
		}
	}
	return n, err
}
