package backend

import "satchel/backend/message"

// threadColumn is what threading compares of all messages held. Message-IDs are
// numbered in the order in which they are first seen, as own or as reference.
type threadColumn struct {
	own     []uint32 // the number of each message's Message-ID, 0 for none
	replies []bool   // whether its subject says that it is a reply or a forward
	refs    []uint32 // numbers of the references of all messages, one after the other
	ends    []int    // where in refs those of each message end
	numbers map[message.ID]uint32
	ids     []message.ID // room for one message's references
}

// add takes one more message.
func (c *threadColumn) add(k message.SortKeys) {
	if c.numbers == nil {
		c.numbers = make(map[message.ID]uint32)
	}
	c.own = append(c.own, c.number(k.ID()))
	c.replies = append(c.replies, k.Reply())
	c.ids = k.AppendReferences(c.ids[:0])
	for _, id := range c.ids {
		c.refs = append(c.refs, c.number(id))
	}
	c.ends = append(c.ends, len(c.refs))
}

func (c *threadColumn) number(id message.ID) uint32 {
	if id == 0 {
		return 0
	}
	n, ok := c.numbers[id]
	if !ok {
		n = uint32(len(c.numbers) + 1)
		c.numbers[id] = n
	}
	return n
}

// references gives the numbers of the references of the message at place i.
func (c *threadColumn) references(i uint32) []uint32 {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.refs[from:c.ends[i]]
}

func (c *threadColumn) size() int64 {
	return int64(cap(c.own))*(4+1+8) + int64(cap(c.refs))*4 + int64(len(c.numbers))*32
}
