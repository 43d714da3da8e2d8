package backend

import (
	"slices"
	"strings"
)

// compare holds the account against the model, and learns the UIDs of what came back.
func (w *lostAndFound) compare() {
	for name, want := range w.boxes {
		v, err := w.a.Open(name, true, func() {})
		if err != nil {
			w.fail("open %s: %v", name, err)
		}
		var got []foundLetter
		for _, r := range v.Rows(v.All(), 0, v.All().n, nil) {
			got = append(got, foundLetter{r.UID, w.subject(v, r), r.Flags, keywordText(r.Keywords)})
		}
		for i := range got {
			if i < len(want) && want[i].uid == 0 {
				want[i].uid = got[i].uid
			}
		}
		if !slices.Equal(got, want) {
			w.fail("%s has %v, want %v", name, got, want)
		}
		v.Close()
	}
	p, err := w.a.Expunged(w.t.Context(), ExpungedFilter{}, MaxExpungedPage)
	if err != nil || len(p.Messages) != len(w.lost) || p.Kept != len(w.lost) {
		w.fail("%d lost, %d of them listed, want %d; %v", p.Kept, len(p.Messages), len(w.lost), err)
	}
	for _, m := range p.Messages {
		want := w.lost[m.Subject]
		if m.Mailbox != want.mailbox || m.Gone != want.gone || m.Flags != want.flags || keywordText(m.Keywords) != want.keywords {
			w.fail("lost %+v, want %+v", m, want)
		}
	}
}

func (w *lostAndFound) subject(v *View, r Row) string {
	b, err := v.AppendBytes(nil, &r, 0, int64(r.Size))
	if err != nil {
		w.fail("UID %d of %s: %v", r.UID, v.Name(), err)
	}
	subject, _, _ := strings.Cut(strings.TrimPrefix(string(b), "Subject: "), "\r\n")
	return subject
}

// search looks for every letter with the index.
func (w *lostAndFound) search() {
	indexAll(w.t, w.a)
	for name, list := range w.boxes {
		v := open(w.t, w.a, name, true)
		for i, m := range list {
			found, err := v.Search(w.t.Context(), &Query{Op: QueryText, Needle: []byte("TEXT OF " + strings.ToUpper(m.subject))}, SearchOptions{})
			if got := numbers(v, found.Selection, false); err != nil || !slices.Contains(got, uint32(i+1)) {
				w.fail("%s: %s is %d, found %v, %v", name, m.subject, i+1, got, err)
			}
		}
	}
}
