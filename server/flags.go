package server

import "satchel/backend"

// flagNames are the system flags in the order in which they are listed.
var flagNames = [...]struct {
	flag backend.Flags
	name string
}{
	{backend.FlagAnswered, `\Answered`},
	{backend.FlagFlagged, `\Flagged`},
	{backend.FlagDeleted, `\Deleted`},
	{backend.FlagSeen, `\Seen`},
	{backend.FlagDraft, `\Draft`},
}

// allFlags is the set of every system flag.
const allFlags = backend.FlagAnswered | backend.FlagFlagged | backend.FlagDeleted | backend.FlagSeen | backend.FlagDraft

// appendFlags appends a message's flags as a list, "(\Seen $Junk)".
func appendFlags(dst []byte, flags backend.Flags, keywords []string, recent bool) []byte {
	dst = append(dst, '(')
	start := len(dst)
	for i := range flagNames {
		if flags&flagNames[i].flag != 0 {
			dst = append(dst, flagNames[i].name...)
			dst = append(dst, ' ')
		}
	}
	for _, k := range keywords {
		dst = append(dst, k...)
		dst = append(dst, ' ')
	}
	if recent {
		dst = append(dst, `\Recent `...)
	}
	if len(dst) > start {
		dst = dst[:len(dst)-1]
	}
	return append(dst, ')')
}

// appendMailboxFlags appends the FLAGS line of a mailbox and the code that says
// which of them last (RFC 3501, 7.2.6 and 7.1): all, and new keywords too,
// unless the mailbox is open read-only.
func appendMailboxFlags(dst []byte, keywords []string, readOnly bool) []byte {
	dst = append(dst, "* FLAGS "...)
	dst = appendFlags(dst, allFlags, keywords, false)
	dst = append(dst, "\r\n* OK [PERMANENTFLAGS "...)
	if readOnly {
		return append(dst, "()] No flag can be changed\r\n"...)
	}
	dst = appendFlags(dst, allFlags, keywords, false)
	dst = dst[:len(dst)-1]
	return append(dst, " \\*)] Flags that last\r\n"...)
}
