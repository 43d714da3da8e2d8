package backend

import "fmt"

// MaxBatch is the largest number of rows that Messages takes at once: what one
// reading of the database may cover before bytes go to the network again.
const MaxBatch = 256

// Messages reads stored columns of at most MaxBatch rows, in their order. Nothing
// of the database stays open when it returns.
func (v *View) Messages(rows []Row, cols Columns, into []Message) ([]Message, error) {
	var ids [MaxBatch]MessageID
	into, err := v.account.mail.Messages(idsOf(&ids, rows), cols, into)
	if err != nil {
		return into, fmt.Errorf("read messages of %q: %w", v.Name(), err)
	}
	return into, nil
}

// AppendBytes appends the bytes [from, to) of a message as it came in, header
// and body together, to dst.
func (v *View) AppendBytes(dst []byte, r *Row, from, to int64) ([]byte, error) {
	dst, err := v.account.mail.AppendBytes(dst, r.Message, from, to)
	if err != nil {
		return dst, fmt.Errorf("read message %d of %q: %w", r.UID, v.Name(), err)
	}
	return dst, nil
}

// AppendMessages appends the whole messages of at most MaxBatch rows one after
// the other to dst, and to ends where in dst each ends; one whose bytes are gone
// appends nothing. Meant for about a MiB a call.
func (v *View) AppendMessages(dst []byte, rows []Row, ends []int) ([]byte, []int, error) {
	var ids [MaxBatch]MessageID
	dst, ends, err := v.account.mail.AppendMessages(dst, idsOf(&ids, rows), ends)
	if err != nil {
		return dst, ends, fmt.Errorf("read messages of %q: %w", v.Name(), err)
	}
	return dst, ends, nil
}

// SaveDates puts the times of saving (RFC 8514) of at most MaxBatch rows into dates,
// in Unix seconds and the order of the rows. A message that another session has
// expunged has its internal date there: the other is gone with it.
func (v *View) SaveDates(rows []Row, dates []int64) error {
	var uids [MaxBatch]UID
	for i := range rows {
		uids[i], dates[i] = rows[i].UID, rows[i].Date
	}
	if err := v.account.mail.SaveDates(v.mailbox.id, uids[:len(rows)], dates); err != nil {
		return fmt.Errorf("read save dates of %q: %w", v.Name(), err)
	}
	return nil
}

func idsOf(ids *[MaxBatch]MessageID, rows []Row) []MessageID {
	for i := range rows {
		ids[i] = rows[i].Message
	}
	return ids[:len(rows)]
}
