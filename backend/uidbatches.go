package backend

// UIDBatches divides the view's messages into batches of a size, counted from 1 and
// from the highest UID downwards, and gives the UIDs of those from first to last: as
// ranges from high to low that leave no UID out between them. Only the last batch of
// all may have fewer messages, and it ends with UID 1. A batch that does not exist
// gives nothing. RFC 10022, 3.1.
func (v *View) UIDBatches(size, first, last int) []Range {
	var ranges []Range
	n := len(v.uids)
	for k := first; k <= last && (k-1)*size < n; k++ {
		r := Range{First: uint32(v.uids[n-1]), Last: 1}
		if k > 1 {
			r.First = uint32(v.uids[n-(k-1)*size]) - 1
		}
		if k*size < n {
			r.Last = uint32(v.uids[n-k*size])
		}
		ranges = append(ranges, r)
	}
	return ranges
}
