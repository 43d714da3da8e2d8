#!/bin/bash
# interimap keeps two accounts of a running satchel in step: a client that lives
# on QRESYNC and CONDSTORE. Every run of it is a client that was away.
#   interimap.sh starttls|tls      (environment: U V P IMAP IMAPS CERT)
. "$(dirname "$0")/../lib.sh"
. "$TOP/.ci/e2e/witness.sh"
case $1 in
starttls) port=$IMAP type=imap ;;
tls) port=$IMAPS type=imaps ;;
esac
box=Twin-$1 total=40

cat >"$WORK/rc" <<RC
database = $WORK/state.db
list-mailbox = "$box*"

[local]
type = $type
host = localhost
port = $port
username = $U
password = $P
compress = YES
SSL_CAfile = $CERT

[remote]
type = $type
host = localhost
port = $port
username = $V
password = $P
compress = YES
SSL_CAfile = $CERT
RC

sync() { HOME=$WORK XDG_DATA_HOME=$WORK interimap --config="$WORK/rc" --quiet; }

# other COMMAND... runs a command of the witness on the other account.
other() { U=$V "$@"; }

# uid FOLDER SUBJECT prints the UID of the message with the subject.
uid() { found "$1" "HEADER Subject \"$2\""; }

copy_all() {
	local i
	imap "" "CREATE $box" && imap "" "SUBSCRIBE $box"
	for ((i = 1; i <= total; i++)); do mail "$i" >"$WORK/m$i"; done
	put "$box" "$WORK/m[1-$total]"
	sync
	same "messages of the other account" "$(other messages "$box")" $total
	for i in 1 17 $total; do
		cmp <(other get "$box" "$(other uid "$box" "$(printf 'letter %03d.' "$i")")") "$WORK/m$i"
	done
}

flags_both_ways() {
	imap "$box" "STORE 3 +FLAGS (\\Flagged \$Work)" >/dev/null
	U=$V imap "$box" "STORE 4 -FLAGS (\\Seen)" >/dev/null
	sync
	same "letter 3" "$(other flags "$box" "letter 003.")" '$Work \Flagged \Seen'
	same "letter 4" "$(flags "$box" "letter 004.")" ""
}

vanished_both_ways() {
	imap "$box" "STORE 5:9 +FLAGS (\\Deleted)" >/dev/null
	imap "$box" "EXPUNGE" >/dev/null
	U=$V imap "$box" "STORE 20 +FLAGS (\\Deleted)" >/dev/null
	U=$V imap "$box" "EXPUNGE" >/dev/null
	sync
	same "messages" "$(messages "$box")" $((total - 6))
	same "messages of the other account" "$(other messages "$box")" $((total - 6))
	same "letter 7" "$(other uid "$box" "letter 007.")" ""
	same "letter 20" "$(uid "$box" "letter 020.")" ""
}

arrived_both_ways() {
	mail 90 >"$WORK/m90" && mail 91 >"$WORK/m91"
	put "$box" "$WORK/m90" && U=$V put "$box" "$WORK/m91"
	sync
	cmp <(other get "$box" "$(other uid "$box" "letter 090.")") "$WORK/m90"
	cmp <(get "$box" "$(uid "$box" "letter 091.")") "$WORK/m91"
}

moved() {
	imap "" "CREATE $box/Old" && imap "" "SUBSCRIBE $box/Old"
	imap "$box" "MOVE 1:10 $box/Old" >/dev/null
	sync
	same "moved" "$(other messages "$box/Old")" 10
	same "left" "$(other messages "$box")" $((total - 6 + 2 - 10))
}

quiet() {
	local before
	before=$(imap "" "STATUS $box (MESSAGES UIDNEXT HIGHESTMODSEQ)")
	sync
	same "a run without changes" "$(imap "" "STATUS $box (MESSAGES UIDNEXT HIGHESTMODSEQ)")" "$before"
}

step "copy $total messages" copy_all
step "flags both ways" flags_both_ways
step "expunges both ways" vanished_both_ways
step "new messages both ways" arrived_both_ways
step "a new folder and moved messages" moved
step "nothing to do" quiet
finish
