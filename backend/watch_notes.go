package backend

import (
	"slices"

	"satchel/storage"
)

// maxNotes bounds the changes of annotations that an account remembers.
const maxNotes = 200

// notes are the latest changes of an account's annotations, each entry of a mailbox
// once, in order. Account.mu guards them.
type notes struct {
	list []note
	from uint64 // list has all that came after this stamp
}

type note struct {
	stamp   uint64
	mailbox storage.MailboxID // 0 for the server
	entry   string
}

// add notes that an entry was changed.
func (n *notes) add(stamp uint64, mailbox storage.MailboxID, entry string) {
	n.list = slices.DeleteFunc(n.list, func(x note) bool { return x.mailbox == mailbox && x.entry == entry })
	n.list = append(n.list, note{stamp, mailbox, entry})
	if over := len(n.list) - maxNotes; over > 0 {
		n.from = n.list[over-1].stamp
		n.list = slices.Delete(n.list, 0, over)
	}
}

// since lists what others have changed that a watch has not been told. overflow says
// that there was more.
func (n *notes) since(w *Watch) (entries map[storage.MailboxID][]string, overflow bool) {
	for i := len(n.list); i > 0 && n.list[i-1].stamp > w.told; i-- {
		x := n.list[i-1]
		if slices.Contains(w.noted, x.stamp) {
			continue
		}
		if entries == nil {
			entries = map[storage.MailboxID][]string{}
		}
		entries[x.mailbox] = append(entries[x.mailbox], x.entry)
	}
	for _, list := range entries {
		slices.Reverse(list)
	}
	return entries, w.told < n.from
}
