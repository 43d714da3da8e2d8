package backend

import "fmt"

// StoreOp is what STORE does with the flags it names.
type StoreOp int

const (
	StoreSet    StoreOp = iota // FLAGS: replace
	StoreAdd                   // +FLAGS
	StoreRemove                // -FLAGS
	StoreMerge                 // of the flags in Mask those named; keywords are replaced unless they are nil
)

// StoreRequest is one change of flags.
type StoreRequest struct {
	Op       StoreOp
	Flags    Flags
	Keywords []string
	Mask     Flags // of StoreMerge
	// Conditional leaves alone what changed after UnchangedSince (RFC 7162, 3.1.3).
	Conditional    bool
	UnchangedSince ModSeq
}

// StoreResult says what became of the selected messages.
type StoreResult struct {
	Changed  Selection // whose flags are others now
	Modified Selection // left alone: they changed after UnchangedSince, or are gone
	Vanished bool      // some of Modified are gone
}

// Store changes flags and keywords of the selected messages, on disk when it
// returns. Messages whose flags are already so keep their mod-sequence. The next
// Pull does not tell of the changes: the caller does, or the client asked for
// silence.
func (v *View) Store(s Selection, req StoreRequest) (StoreResult, error) {
	if v.readOnly {
		return StoreResult{}, ErrReadOnly
	}
	alt, err := v.alter(v.selected(s), req)
	if err != nil {
		return StoreResult{}, fmt.Errorf("store flags in %q: %w", v.Name(), err)
	}
	if len(alt.uids) > 0 {
		v.own = append(v.own, alt.modseq)
	}
	return StoreResult{v.byUIDs(alt.uids), v.byUIDs(alt.modified), alt.vanished}, nil
}

// MarkSeen sets \Seen on messages, ascending, of which a FETCH gave the body, and
// selects them; none through a read-only view. The next Pull reports it (RFC 3501,
// 6.4.5: the FLAGS are included in the answers).
func (v *View) MarkSeen(rows []Row) (Selection, error) {
	if v.readOnly || len(rows) == 0 {
		return Selection{}, nil
	}
	uids := make([]UID, len(rows))
	for i := range rows {
		uids[i] = rows[i].UID
	}
	if _, err := v.alter(uids, StoreRequest{Op: StoreAdd, Flags: FlagSeen}); err != nil {
		return Selection{}, fmt.Errorf("set \\Seen in %q: %w", v.Name(), err)
	}
	return v.byUIDs(uids), nil
}

// selected lists the UIDs of a selection, ascending.
func (v *View) selected(s Selection) []UID {
	uids := make([]UID, 0, s.Len())
	s.each(func(i int) { uids = append(uids, v.uids[i]) })
	return uids
}
