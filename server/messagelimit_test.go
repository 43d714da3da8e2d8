package server

import (
	"testing"
	"time"
)

// fiveMessages fill INBOX and select it.
const fiveMessages = `
deliver alice INBOX
| Subject: one
deliver alice INBOX
| Subject: two
deliver alice INBOX
| Subject: three
deliver alice INBOX
| Subject: four
deliver alice INBOX
| Subject: five
A> a1 CREATE Other
A< a1 OK ...
A>> "a2 SELECT INBOX\r\n"
A< * FLAGS ...
A< * OK [PERMANENTFLAGS ...
A< * 5 EXISTS
A< * 5 RECENT
A< * OK [UNSEEN 1] ...
A< * OK [UIDVALIDITY ...
A< * OK [UIDNEXT ...
A< * OK [HIGHESTMODSEQ ...
A< a2 OK ...
`

// RFC 9738, 3: the last of the messages are worked on, and where it stopped is told.
func TestMessageLimit(t *testing.T) {
	play(t, "messagelimit", fiveMessages+`
A> b1 CAPABILITY
A< * CAPABILITY ... MESSAGELIMIT=2 ...
A< b1 OK ...
A> b2 FETCH 1:* UID
A< * 4 FETCH (UID 4)
A< * 5 FETCH (UID 5)
A< b2 OK [MESSAGELIMIT 2 4] ...
A> b3 UID FETCH 1:3 UID
A< * 2 FETCH (UID 2)
A< * 3 FETCH (UID 3)
A< b3 OK [MESSAGELIMIT 2 2] ...
A> b4 UID FETCH 1 UID
A< * 1 FETCH (UID 1)
A< b4 OK UID completed
A> b9 UID FETCH 1:* UID (PARTIAL -1:-3)
A< b9 NO [MESSAGELIMIT 2] ...
A> b10 UID FETCH 1:* UID (PARTIAL 2:3)
A< * 2 FETCH (UID 2)
A< * 3 FETCH (UID 3)
A< b10 OK UID completed
A> b11 UID SEARCH RETURN (SAVE) ALL
A< b11 OK [MESSAGELIMIT 2 4] ...
A> b12 UID SEARCH $
A< * SEARCH 4 5
A< b12 OK ...
A> b5 UID SEARCH ALL
A< * SEARCH 4 5
A< b5 OK [MESSAGELIMIT 2 4] ...
A> b6 UID SEARCH RETURN (ALL COUNT) UIDBEFORE 4 SUBJECT e
A< * ESEARCH (TAG "b6") UID ALL 3 COUNT 1
A< b6 OK [MESSAGELIMIT 2 2] ...
A> b7 UID STORE 1:* +FLAGS.SILENT (\Flagged)
A< b7 OK [MESSAGELIMIT 2 4] ...
A> b8 SEARCH UID 2:3 FLAGGED
A< * SEARCH
A< b8 OK SEARCH completed
# All or nothing.
A> b14 SORT (DATE) UTF-8 ALL
A< b14 NO [MESSAGELIMIT 2] ...
A> b15 UID THREAD REFERENCES UTF-8 ALL
A< b15 NO [MESSAGELIMIT 2] ...
A> b16 UID SORT (ARRIVAL) UTF-8 UIDAFTER 3
A< * SORT 4 5
A< b16 OK ...
A> c1 UID COPY 1:3 Other
A< c1 NO [MESSAGELIMIT 2] ...
A> c2 UID COPY 1:2 Other
A< c2 OK [COPYUID ...
# EXPUNGE has no limit, and UID EXPUNGE counts what is \Deleted.
A> d1 UID STORE 1:2 +FLAGS.SILENT (\Deleted)
A< d1 OK ...
A> d2 UID STORE 3 +FLAGS.SILENT (\Deleted)
A< d2 OK ...
A> d3 UID EXPUNGE 1:*
A< * 3 EXPUNGE
A< * 2 EXPUNGE
A< d3 OK [MESSAGELIMIT 2 2] ...
A> d4 UID EXPUNGE 1:*
A< * 1 EXPUNGE
A< d4 OK ...
A> e1 APPEND INBOX {1+}
A>> "x\r\n"
A< * 3 EXISTS
A< * 3 RECENT
A< e1 OK ...
A> e2 UID MOVE 1:* Other
A< * OK [COPYUID {v} 5:6 3:4] ...
A< * 3 EXPUNGE
A< * 2 EXPUNGE
A< e2 OK [MESSAGELIMIT 2 5] ...
`, "plain", func(c *Config) { c.MessageLimit = 2 })
}

// Where the OK has a code already, the limit is told in a line of its own.
func TestMessageLimitBesideAnotherCode(t *testing.T) {
	play(t, "messagelimit2", fiveMessages+`
A> b1 UID STORE 1:* (UNCHANGEDSINCE 1) +FLAGS.SILENT (\Answered)
A< * OK [HIGHESTMODSEQ ...
A< * NO [MESSAGELIMIT 2 4] ...
A< b1 OK [MODIFIED 4:5] ...
`, "plain", func(c *Config) { c.MessageLimit = 2 })
}

// With SAVELIMIT only what saves messages is limited.
func TestSaveLimit(t *testing.T) {
	play(t, "savelimit", fiveMessages+`
A> b1 CAPABILITY
A< * CAPABILITY ... SAVELIMIT=2 ...
A< b1 OK ...
A> b2 UID SEARCH ALL
A< * SEARCH 1 2 3 4 5
A< b2 OK ...
A> b3 UID COPY 1:3 Other
A< b3 NO [MESSAGELIMIT 2] ...
A> b4 UID COPY 4:5 Other
A< b4 OK [COPYUID ...
A>> "b5 APPEND Other {1+}\r\na {1+}\r\nb {1+}\r\nc\r\n"
A< b5 NO [MESSAGELIMIT 2] ...
A>> "b6 APPEND Other {1+}\r\na {1+}\r\nb\r\n"
A< b6 OK [APPENDUID ...
`, "plain", func(c *Config) { c.SaveLimit = 2 })
}

// RFC 9585, 4: a client is told of a search that takes long; here, of all.
func TestInProgress(t *testing.T) {
	play(t, "inprogress", fiveMessages+`
A> b1 CAPABILITY
A< * CAPABILITY ... INPROGRESS ...
A< b1 OK ...
A> b2 SEARCH BODY nothing
A< * OK [INPROGRESS ("b2" 0 5)] Searching
A< * OK [INPROGRESS ("b2" 0 5)] Searching
A< * OK [INPROGRESS ("b2" 1 5)] Searching
A< * OK [INPROGRESS ("b2" 2 5)] Searching
A< * OK [INPROGRESS ("b2" 3 5)] Searching
A< * OK [INPROGRESS ("b2" 4 5)] Searching
A< * SEARCH
A< b2 OK ...
`, "plain", func(c *Config) { c.Progress = time.Nanosecond })
}
