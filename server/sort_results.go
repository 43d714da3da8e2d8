package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// sortResults are found messages in a sort order.
type sortResults struct {
	view *backend.View
	seqs []uint32
	uid  bool
}

func (r *sortResults) Len() int { return len(r.seqs) }

// number is what the client calls a result.
func (r *sortResults) number(i int) uint32 {
	if r.uid {
		return uint32(r.view.UID(r.seqs[i]))
	}
	return r.seqs[i]
}

// appendSet writes results in their order. RFC 5267, 3.2: a range stands only for
// numbers that follow each other upwards.
func (r *sortResults) appendSet(b []byte, part resultRange) []byte {
	for i := part.from; i < part.to; {
		if i > part.from {
			b = append(b, ',')
		}
		first := r.number(i)
		last := first
		for i++; i < part.to && r.number(i) == last+1; i++ {
			last++
		}
		b = wire.AppendNumber(b, uint64(first))
		if last > first {
			b = wire.AppendNumber(append(b, ':'), uint64(last))
		}
	}
	return b
}

// chosen is the messages that the return options single out of all.
func (r *sortResults) chosen(o *returnOptions, all backend.Selection) (backend.Selection, error) {
	parts := o.chosen(r.Len())
	if len(parts) == 1 && parts[0] == (resultRange{0, r.Len()}) {
		return all, nil
	}
	var set []backend.Range
	for _, part := range parts {
		for _, seq := range r.seqs[part.from:part.to] {
			set = append(set, backend.Range{First: seq, Last: seq})
		}
	}
	return r.view.Resolve(set, false)
}
