# shellcheck shell=bash
# The second session of every scenario: curl's IMAP client, over TLS. It makes
# what the client under test should see and looks at what that client did.
# Sourced after lib.sh; needs U, P (account) and IMAPS (port).

# imap FOLDER COMMAND prints the untagged answer; FOLDER "" selects nothing.
imap() { curl -sS --max-time 20 --insecure -u "$U:$P" "imaps://127.0.0.1:$IMAPS/$1" -X "$2" | tr -d '\r'; }

# put FOLDER FILE appends a message (with \Seen, as curl does).
put() { curl -sS --max-time 20 --insecure -u "$U:$P" "imaps://127.0.0.1:$IMAPS/$1" -T "$2"; }

# get FOLDER UID prints the message's bytes.
get() { curl -sS --max-time 20 --insecure -u "$U:$P" "imaps://127.0.0.1:$IMAPS/$1;UID=$2"; }

# found FOLDER KEYS prints the UIDs that SEARCH finds, on one line.
found() { imap "$1" "UID SEARCH $2" | sed -n 's/^\* SEARCH *//p'; }

# messages FOLDER prints how many it holds.
messages() { imap "" "STATUS \"$1\" (MESSAGES)" | sed -n 's/.*MESSAGES \([0-9]*\).*/\1/p'; }

# flags FOLDER SUBJECT prints the sorted flags of the message with the subject
# (without \Recent, which belongs to a session).
flags() {
	local uid
	uid=$(found "$1" "HEADER Subject \"$2\"")
	imap "$1" "UID FETCH $uid (FLAGS)" | sed -n 's/.*FLAGS (\([^)]*\)).*/\1/p' |
		tr ' ' '\n' | grep -v -e Recent -e '^$' | LC_ALL=C sort | paste -sd' '
}

# mail N [LINES] prints message N: 8-bit text, a dot line, an encoded subject.
mail() {
	local i
	printf 'From: Ada <ada@example.org>\r\nTo: ben@example.org\r\nSubject: letter %03d.\r\n' "$1"
	printf 'Date: Mon, 5 Jan 2026 10:%02d:00 +0100\r\nMessage-ID: <letter.%d@example.org>\r\n' $(($1 % 60)) "$1"
	printf 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
	printf 'Gr\303\274\303\237e, number %d.\r\n.\r\n' "$1"
	for ((i = 0; i < ${2:-3}; i++)); do printf 'line %d of letter %d\r\n' "$i" "$1"; done
}
