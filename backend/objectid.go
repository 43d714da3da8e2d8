package backend

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"satchel/backend/message"
	"satchel/storage"
)

// ObjectKind says what an object identifier (RFC 8474) is of. It is the
// identifier's first letter, so that no two of different kinds are the same.
type ObjectKind byte

// The kinds of objects.
const (
	MailboxObject ObjectKind = 'F'
	EmailObject   ObjectKind = 'M'
	ThreadObject  ObjectKind = 'T'
)

// MailboxID names a mailbox within its account, for ever.
type MailboxID = storage.MailboxID

// AppendObjectID appends the identifier of an object: at most 32 letters, digits and
// "-" (RFC 8474, 7), not that of any other object of this or another account.
func (a *Account) AppendObjectID(dst []byte, kind ObjectKind, n int64) []byte {
	dst = append(append(dst, byte(kind)), a.objects...)
	return strconv.AppendInt(append(dst, '-'), n, 36)
}

// ObjectNumber is the number of an object by its identifier, 0 when no object of
// this account can have that.
func (a *Account) ObjectNumber(kind ObjectKind, id string) int64 {
	rest, ok := strings.CutPrefix(id, string(rune(kind))+a.objects+"-")
	n, err := strconv.ParseInt(rest, 36, 64)
	if !ok || err != nil || string(a.AppendObjectID(nil, kind, n)) != id {
		return 0
	}
	return n
}

// HasObjects reports whether a mail.db, of which this is Objects, is the account's own
// or an older copy of it: what has a number in both is the same.
func (a *Account) HasObjects(objects uint64) bool {
	return a.objects == strconv.FormatUint(objects, 36)
}

// threadBatch is how many messages get their threads in one transaction.
const threadBatch = 500

// Threads puts the threads (RFC 8474, 5.2) of at most MaxBatch rows into threads; 0
// stands for a message that is gone.
//
// Two messages are of one thread when they have the base subject in common, and a
// Message-ID that they have or refer to. A message that would join two threads gets
// the older one; what it once got it keeps. Messages are threaded in the order in
// which they came, when somebody asks: nothing is done for it when they arrive.
func (v *View) Threads(rows []Row, threads []MessageID) error {
	if err := v.account.thread(); err != nil {
		return fmt.Errorf("thread %q: %w", v.account.name, err)
	}
	var ids [MaxBatch]MessageID
	return v.account.mail.Threads(idsOf(&ids, rows), threads)
}

// thread gives a thread to every message that has none.
func (a *Account) thread() error {
	for {
		done, err := a.mail.Threaded()
		if err != nil || done {
			return err
		}
		if err := a.write(&change{run: threadSome}); err != nil {
			return err
		}
	}
}

func threadSome(tx *storage.Tx) error {
	list, err := tx.Unthreaded(threadBatch)
	if err != nil {
		return err
	}
	var names []int64
	for i := range list {
		keys := message.SortKeys(list[i].SortKeys)
		if !keys.Current() && list[i].Header != nil {
			keys = message.HeaderSortKeys(list[i].Header)
		}
		names = appendThreadNames(names[:0], keys)
		if err := tx.SetThread(list[i].ID, names); err != nil {
			return err
		}
	}
	return nil
}

// appendThreadNames appends what tells to which thread a message belongs.
func appendThreadNames(names []int64, keys message.SortKeys) []int64 {
	ids := keys.AppendReferences(nil)
	if id := keys.ID(); id != 0 {
		ids = append(ids, id)
	}
	subject := keys.Text(message.SortSubject)
	var b []byte
	for _, id := range ids {
		b = append(binary.BigEndian.AppendUint64(b[:0], uint64(id)), subject...)
		sum := sha256.Sum256(b)
		names = append(names, int64(binary.BigEndian.Uint64(sum[:])))
	}
	return names
}

// threadMessages are the messages of a thread.
func (a *Account) threadMessages(thread MessageID) (map[MessageID]bool, error) {
	if err := a.thread(); err != nil {
		return nil, fmt.Errorf("thread %q: %w", a.name, err)
	}
	ids, err := a.mail.ThreadMessages(thread)
	set := make(map[MessageID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}
