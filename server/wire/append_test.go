package wire

import (
	"strings"
	"testing"
	"time"
)

func TestAppend(t *testing.T) {
	long := strings.Repeat("x", 1025)
	tests := []struct{ name, got, want string }{
		{"number", string(AppendNumber(nil, uint32(4294967295))), "4294967295"},
		{"number 64", string(AppendNumber(nil, uint64(1<<63))), "9223372036854775808"},
		{"negative", string(AppendNumber(nil, -5)), "-5"},
		{"quoted", string(AppendQuoted(nil, `a"b\c`)), `"a\"b\\c"`},
		{"string", string(AppendString(nil, "a\tb")), "\"a\tb\""},
		{"string empty", string(AppendString(nil, "")), `""`},
		{"string 8-bit", string(AppendString(nil, "é")), "{2}\r\né"},
		{"string NUL", string(AppendString(nil, "a\x00")), "{2}\r\na\x00"},
		{"string CR", string(AppendString(nil, "a\r")), "{2}\r\na\r"},
		{"string LF", string(AppendString(nil, "a\n")), "{2}\r\na\n"},
		{"string long", string(AppendString(nil, long)), "{1025}\r\n" + long},
		{"astring", string(AppendAString(nil, "abc")), "abc"},
		{"astring NIL", string(AppendAString(nil, "nil")), `"nil"`},
		{"astring empty", string(AppendAString(nil, "")), `""`},
		{"astring space", string(AppendAString(nil, "a b")), `"a b"`},
		{"astring brace", string(AppendAString(nil, "a{")), `"a{"`},
		{"mailbox", string(AppendMailbox(nil, "INBOX")), "INBOX"},
		{"mailbox quoted", string(AppendMailbox(nil, `a"b`)), `"a\"b"`},
		{"mailbox &", string(AppendMailbox(nil, "R&D")), `"R&-D"`},
		{"mailbox 8-bit", string(AppendMailbox(nil, `"Entwürfe\`)), `"\"Entw&APw-rfe\\"`},
		{"mailbox control", string(AppendMailbox(nil, "a\nb")), `"a&AAo-b"`},
		{"mailbox long", string(AppendMailbox(nil, long)), long},
		{"mailbox UTF-8", string(AppendMailboxUTF8(nil, "Entwürfe & mehr")), `"Entwürfe & mehr"`},
		{"mailbox UTF-8 atom", string(AppendMailboxUTF8(nil, "R&D")), "R&D"},
		{"mailbox UTF-8 LF", string(AppendMailboxUTF8(nil, "a\n")), "{2}\r\na\n"},
		{"date", string(AppendInternalDate(nil, 760168345)), `"02-Feb-1994 05:52:25 +0000"`},
		{"date before 1970", string(AppendInternalDate(nil, -1)), `"31-Dec-1969 23:59:59 +0000"`},
		{"date too late", string(AppendInternalDate(nil, 1<<60)), `"31-Dec-9999 23:59:59 +0000"`},
		{"date too early", string(AppendInternalDate(nil, -1<<60)), `"01-Jan-0000 00:00:00 +0000"`},
		{"set", string(AppendSet(nil, []uint32{1, 2, 3, 5, 7, 8})), "1:3,5,7:8"},
		{"set end", string(AppendSet(nil, []uint32{4294967294, 4294967295})), "4294967294:4294967295"},
		{"no set", string(AppendSet[uint32](nil, nil)), ""},
		{"literal", string(AppendLiteralHeader(nil, 1<<40)), "{1099511627776}\r\n"},
		{"literal8", string(AppendLiteral8Header(nil, 0)), "~{0}\r\n"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
}

// TestAppendAllocatesNothing holds for every writer.
func TestAppendAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 4096)
	uids := []uint32{1, 2, 3, 9, 12, 13}
	now := time.Now().Unix()
	cost := testing.AllocsPerRun(100, func() {
		b := AppendNumber(dst, uint32(12))
		b = AppendString(b, "hello \"world\"")
		b = AppendString(b, "héllo")
		b = AppendAString(b, "héllo")
		b = AppendMailbox(b, "Entwürfe & 日本語 😀")
		b = AppendMailboxUTF8(b, "Entwürfe")
		b = AppendSet(b, uids)
		b = AppendInternalDate(b, now)
		_ = AppendLiteral8Header(b, 17)
	})
	if cost != 0 {
		t.Errorf("%v allocations", cost)
	}
}
