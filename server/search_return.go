package server

import (
	"slices"

	"satchel/server/wire"
)

// returnItem is a set of things that RETURN asks for.
type returnItem uint8

const (
	returnMin       returnItem = 1 << iota // RFC 4731, 3.1
	returnMax                              // RFC 4731, 3.1
	returnAll                              // RFC 4731, 3.1
	returnCount                            // RFC 4731, 3.1
	returnSave                             // RFC 5182, 2.1: the result is kept as "$"
	returnPartial                          // RFC 9394, 3.1: a range of the results
	returnRelevancy                        // RFC 6203, 4
	returnUpdate                           // RFC 5267, 4.3: the client hears how the result changes
	noReturn        returnItem = 0         // RFC 5267, 4.2: CONTEXT is a hint, and not needed here
)

// returnTable is the return options by name.
var returnTable = [...]struct {
	name string
	item returnItem
}{
	{"ALL", returnAll},
	{"CONTEXT", noReturn},
	{"COUNT", returnCount},
	{"MAX", returnMax},
	{"MIN", returnMin},
	{"PARTIAL", returnPartial},
	{"RELEVANCY", returnRelevancy},
	{"SAVE", returnSave},
	{"UPDATE", returnUpdate},
}

// returnOptions is what RETURN asks for, of SEARCH and SORT alike.
type returnOptions struct {
	given   bool // the answer is ESEARCH, not SEARCH or SORT
	items   returnItem
	partial partialRange
}

func (o *returnOptions) has(items returnItem) bool { return o.items&items != 0 }

// returnOptions reads what follows the word RETURN: SP "(" [search-return-opt
// *(SP search-return-opt)] ")". RFC 4466, 2.6.1.
func (s *session) returnOptions() (o returnOptions, err error) {
	o.given = true
	if err := s.wire.SP(); err != nil {
		return o, err
	}
	options := 0
	err = s.wire.List(func() error {
		options++
		return s.returnOption(&o)
	})
	if options == 0 { // RFC 4731, 3.1
		o.items = returnAll
	}
	return o, err
}

// returnOption reads one option.
func (s *session) returnOption(o *returnOptions) error {
	word, err := s.wire.Word()
	if err != nil {
		return err
	}
	for _, row := range returnTable {
		if row.name != word {
			continue
		}
		// RFC 9394, 3.1: one PARTIAL, one ALL, or neither.
		if either := returnPartial | returnAll; row.item&either != 0 && o.has(either) {
			return &wire.SyntaxError{Text: "One of PARTIAL and ALL, and only once"}
		}
		o.items |= row.item
		if row.item == returnPartial {
			o.partial, err = s.partialArgument()
		}
		return err
	}
	return &wire.SyntaxError{Text: "Unknown return option"}
}

// chosen says which of n results are given back, saved and asked for their
// mod-sequences, as up to three ranges that may overlap: RFC 5182, 2.4; RFC 9394,
// 3.2; RFC 4731, 3.2.
func (o *returnOptions) chosen(n int) []resultRange {
	if o.has(returnAll|returnCount) || !o.has(returnMin|returnMax|returnPartial) {
		return []resultRange{{0, n}}
	}
	var ranges []resultRange
	if o.has(returnPartial) {
		ranges = append(ranges, o.partial.of(n))
	}
	if o.has(returnMin) {
		ranges = append(ranges, resultRange{0, min(1, n)})
	}
	if o.has(returnMax) {
		ranges = append(ranges, resultRange{max(0, n-1), n})
	}
	return ranges
}

// distinct counts the results that are in at least one of the ranges.
func distinct(ranges []resultRange) int {
	slices.SortFunc(ranges, func(a, b resultRange) int { return a.from - b.from })
	n, end := 0, 0
	for _, r := range ranges {
		if from := max(r.from, end); from < r.to {
			n, end = n+r.to-from, r.to
		}
	}
	return n
}

// enough is how many results, from the front or from the back, the answer needs; 0
// means all.
func (o *returnOptions) enough() (n int, backward bool) {
	if o.has(returnAll | returnCount | returnUpdate) {
		return 0, false
	}
	front, back := 0, 0
	if o.has(returnMin) {
		front = 1
	}
	if o.has(returnMax) {
		back = 1
	}
	if o.has(returnPartial) {
		if o.partial.fromEnd {
			back = max(back, o.partial.last())
		} else {
			front = max(front, o.partial.last())
		}
	}
	switch {
	case front > 0 && back > 0:
		return 0, false
	case back > 0:
		return back, true
	}
	return front, false
}
