package backend

import "slices"

// maxNotes bounds the changes of annotations that are remembered for each mailbox.
const maxNotes = 200

// notes are the latest changes of a mailbox's or the server's annotations, each
// entry once, in order. Account.mu guards them.
type notes struct {
	list []note
	from uint64 // list has all that came after this stamp
}

type note struct {
	stamp uint64
	entry string
}

// add notes that an entry was changed.
func (n *notes) add(stamp uint64, entry string) {
	n.list = slices.DeleteFunc(n.list, func(x note) bool { return x.entry == entry })
	n.list = append(n.list, note{stamp, entry})
	if over := len(n.list) - maxNotes; over > 0 {
		n.from = n.list[over-1].stamp
		n.list = slices.Delete(n.list, 0, over)
	}
}

// since lists what others have changed that a watch has not been told.
func (n *notes) since(w *Watch, news *News) (entries []string) {
	news.Overflow = news.Overflow || w.told < n.from
	for _, x := range n.list {
		if x.stamp > w.told && !slices.Contains(w.noted, x.stamp) {
			entries = append(entries, x.entry)
		}
	}
	return entries
}
