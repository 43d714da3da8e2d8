package message

import "testing"

func TestEnvelope(t *testing.T) {
	const bob = `(("Bob" NIL "bob" "example.net"))`
	tests := []struct{ name, raw, want string }{
		{"nothing", "\n", `(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{"sender and reply-to default to from", "From: Bob <bob@example.net>\n\n",
			"(NIL NIL " + bob + " " + bob + " " + bob + " NIL NIL NIL NIL NIL)"},
		{"all", "Date: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: Hello\nFrom: Bob <bob@example.net>\nSender: s@x\nReply-To: r@x\nTo: t@x\nCc: c@x\nBcc: b@x\nIn-Reply-To: <1@x>\nMessage-ID: <2@x>\n\n",
			`("Mon, 2 Mar 2026 10:00:00 +0100" "Hello" ` + bob + ` ((NIL NIL "s" "x")) ((NIL NIL "r" "x")) ((NIL NIL "t" "x")) ((NIL NIL "c" "x")) ((NIL NIL "b" "x")) "<1@x>" "<2@x>")`},
		{"names in any case, blanks before the colon", "SUBJECT : x\nfrom\t:bob@x\n\n",
			`(NIL "x" ((NIL NIL "bob" "x")) ((NIL NIL "bob" "x")) ((NIL NIL "bob" "x")) NIL NIL NIL NIL NIL)`},
		{"empty values", "Subject:\nTo:\n\n", `(NIL "" NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{"empty sender is as if missing", "From: a@b\nSender:\n\n",
			`(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL)`},
		{"folded", "Subject: one\n \ttwo\n\tthree \n\n", `(NIL "one two three" NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{"last of several", "Subject: one\nSubject: two\n\n", `(NIL "two" NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{"addresses of several fields", "To: a@b\nTo: c@d\n\n", `(NIL NIL NIL NIL NIL ((NIL NIL "a" "b")(NIL NIL "c" "d")) NIL NIL NIL NIL)`},
		{"quotes", "Subject: say \"x\\y\"\n\n", `(NIL "say \"x\\y\"" NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{"8-bit", "Subject: Grüße\n\n", "(NIL {7}\r\nGrüße NIL NIL NIL NIL NIL NIL NIL NIL)"},
		{"NUL", "Subject: a\x00b\n\n", "(NIL {5}\r\na\uFFFDb NIL NIL NIL NIL NIL NIL NIL NIL)"},
		{"bare CR", "Subject: a\rb\n\n", "(NIL {3}\r\na\rb NIL NIL NIL NIL NIL NIL NIL NIL)"},
		{"encoded words stay", "Subject: =?utf-8?q?x?=\n\n", `(NIL "=?utf-8?q?x?=" NIL NIL NIL NIL NIL NIL NIL NIL)`},
	}
	for _, tt := range tests {
		if got := string(Parse(crlf(tt.raw)).Envelope); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	tests := []struct{ in, want string }{
		{`a@b`, `((NIL NIL "a" "b"))`},
		{`Ann <a@b>`, `(("Ann" NIL "a" "b"))`},
		{`"Ann B." <a@b>`, `(("Ann B." NIL "a" "b"))`},
		{`"a \"q\" b" <a@b>`, `(("a \"q\" b" NIL "a" "b"))`},
		{`J. R. R. Ann <a@b>`, `(("J. R. R. Ann" NIL "a" "b"))`},
		{`"a""b" c <a@b>`, `(("a b c" NIL "a" "b"))`},
		{`a(comment)b <a@b>`, `(("a b" NIL "a" "b"))`},
		{`a@b (Ann)`, `(("Ann" NIL "a" "b"))`},
		{`a@b (Ann (really) \) )`, `(("Ann (really) ) " NIL "a" "b"))`},
		{`(before) a@b`, `((NIL NIL "a" "b"))`},
		{`<a@b> (after)`, `((NIL NIL "a" "b"))`},
		{`"" <a@b>`, `((NIL NIL "a" "b"))`},
		{`<@r1,@r2:a@b>`, `((NIL "@r1,@r2" "a" "b"))`},
		{`a @ b . c`, `((NIL NIL "a" "b.c"))`},
		{`"odd local"@b`, `((NIL NIL "odd local" "b"))`},
		{`"a"."b"@c`, `((NIL NIL "a.b" "c"))`},
		{`a@[192.0.2.1]`, `((NIL NIL "a" "[192.0.2.1]"))`},
		{`a@b, c@d`, `((NIL NIL "a" "b")(NIL NIL "c" "d"))`},
		{`, a@b ,, c@d,`, `((NIL NIL "a" "b")(NIL NIL "c" "d"))`},
		{`team: a@b, C <c@d>;, e@f`, `((NIL NIL "team" NIL)(NIL NIL "a" "b")("C" NIL "c" "d")(NIL NIL NIL NIL)(NIL NIL "e" "f"))`},
		{`undisclosed-recipients:;`, `((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))`},
		{`"a b": c@d;`, `((NIL NIL "a b" NIL)(NIL NIL "c" "d")(NIL NIL NIL NIL))`},
		{`team: a@b`, `((NIL NIL "team" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL))`},
		{`ann`, `((NIL NIL "ann" ""))`},
		{`a@`, `((NIL NIL "a" ""))`},
		{`<ann>`, `((NIL NIL "ann" ""))`},
		{`Ann Other`, `(("Ann Other" NIL "" ""))`},
		{`Ann <>`, `(("Ann" NIL "" ""))`},
		{`<>`, `NIL`},
		{``, `NIL`},
		{`()`, `NIL`},
		{`a@b <c@d>`, `(("a@b" NIL "c" "d"))`},
		{`Big Ann a@b`, `(("Big Ann" NIL "a" "b"))`},
		{`a@b; c@d`, `((NIL NIL "a" "b")(NIL NIL "c" "d"))`},
		{`a@b c@d`, `((NIL NIL "a" "b"))`},
		{`<a@b`, `((NIL NIL "a" "b"))`},
		{`<a b>`, `((NIL NIL "a" ""))`},
		{`<to nobody:@b;>, c@d`, `((NIL NIL "to" "")(NIL NIL "c" "d"))`},
		{`<nobody:@b;>; c@d`, `((NIL NIL "nobody" "")(NIL NIL "c" "d"))`},
		{`<a:"x>y">, c@d`, `((NIL NIL "a" "")(NIL NIL "c" "d"))`},
		{`<a@b;c@d>`, `((NIL NIL "a" "b")(NIL NIL "c" "d"))`},
		{`<a@b "x>y" z>, c@d`, `((NIL NIL "a" "b")(NIL NIL "c" "d"))`},
		{`<a b@c>`, `((NIL NIL "a b" "c"))`},
		{`[x] <a@b>`, `(("[x]" NIL "a" "b"))`},
		{`"open <a@b>`, `((NIL NIL "open <a@b>" ""))`},
		{`Ann (open <a@b>`, `(("open <a@b>" NIL "Ann" ""))`},
		{"Ann\n <a@b>,\n\tc@d", `(("Ann" NIL "a" "b")(NIL NIL "c" "d"))`},
		{"\"Ann\n B\" <a@b>", `(("Ann B" NIL "a" "b"))`},
		{`é <é@b>`, "(({2}\r\né NIL {2}\r\né \"b\"))"},
		{`a..b@c`, `((NIL NIL "a..b" "c"))`},
	}
	for _, tt := range tests {
		var p addressParser
		fields := []found{{fieldTo, crlf(tt.in)}}
		if got := string(p.appendAddresses(nil, fields, fieldTo)); got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}
