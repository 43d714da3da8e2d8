#!/bin/bash
# mbsync keeps a Maildir and a running satchel in step, both ways.
#   mbsync.sh starttls|tls      (environment: U P IMAP IMAPS CERT)
. "$(dirname "$0")/../lib.sh"
. "$TOP/.ci/e2e/witness.sh"
case $1 in
starttls) port=$IMAP ssl=STARTTLS ;;
tls) port=$IMAPS ssl=IMAPS ;;
esac
box=Sync-$1 near=$WORK/near total=60

mkdir "$near"
cat >"$WORK/rc" <<RC
IMAPAccount satchel
Host localhost
Port $port
User $U
Pass $P
SSLType $ssl
CertificateFile $CERT

IMAPStore far
Account satchel

MaildirStore near
Path $near/
Inbox $near/INBOX
SubFolders Verbatim

Channel both
Far :far:
Near :near:
Patterns $box $box/*
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
RC

sync() { mbsync -q -c "$WORK/rc" both; }

# local_file SUBJECT prints the path of the local copy.
local_file() { grep -rlF "Subject: $1" "$near/$box/cur" "$near/$box/new"; }

# set_local SUBJECT LETTERS sets the Maildir flags of the local copy.
set_local() {
	local f base
	f=$(local_file "$1") base=$(basename "$f")
	mv "$f" "$near/$box/cur/${base%%:*}:2,$2"
}

# local_flags SUBJECT prints the Maildir letters of the local copy.
local_flags() { local_file "$1" | sed -n 's/.*:2,//p'; }

# put_local N drops a new message into the local folder.
put_local() { mail "$1" | tr -d '\r' >"$near/$box/new/1767600000.$1.here"; }

# plain prints a message as both sides can agree on it: LF ends, and without
# the line in which mbsync notes what it has carried.
plain() { tr -d '\r' | grep -v '^X-TUID:'; }

pull() {
	local i
	imap "" "CREATE $box" && imap "" "SUBSCRIBE $box"
	for ((i = 1; i <= total; i++)); do mail "$i" $((i % 20 ? 3 : 5000)) >"$WORK/m$i"; done
	put "$box" "$WORK/m[1-$total]"
	sync
	same "local messages" "$(find "$near/$box/cur" "$near/$box/new" -type f | wc -l)" $total
	for i in 1 20 59; do
		cmp <(plain <"$(local_file "$(printf 'letter %03d.' "$i")")") <(plain <"$WORK/m$i")
	done
}

push_flags() {
	set_local "letter 001." FRS
	set_local "letter 002." ""
	sync
	same "letter 1" "$(flags "$box" "letter 001.")" '\Answered \Flagged \Seen'
	same "letter 2" "$(flags "$box" "letter 002.")" ""
}

pull_flags() {
	local uid
	uid=$(found "$box" 'SUBJECT "letter 003."')
	imap "$box" "UID STORE $uid FLAGS.SILENT (\\Answered)"
	sync
	same "letter 3" "$(local_flags "letter 003.")" R
}

new_mail() {
	put_local 101
	put_local 102
	mail 103 >"$WORK/m103"
	put "$box" "$WORK/m103"
	sync
	same "there" "$(messages "$box")" $((total + 3))
	get "$box" "$(found "$box" 'SUBJECT "letter 101."')" | plain | cmp - <(mail 101 | plain)
	local_file "letter 103."
}

expunge() {
	local uid
	uid=$(found "$box" 'SUBJECT "letter 010."')
	imap "$box" "UID STORE $uid +FLAGS.SILENT (\\Deleted)" && imap "$box" EXPUNGE
	set_local "letter 011." ST
	sync
	same "gone there" "$(found "$box" 'SUBJECT "letter 011."')" ""
	same "gone here" "$(local_file "letter 010." || true)" ""
	same "left" "$(messages "$box")" $((total + 1))
}

at_once() {
	local uid
	uid=$(found "$box" 'SUBJECT "letter 020."')
	set_local "letter 020." RS
	imap "$box" "UID STORE $uid +FLAGS.SILENT (\\Flagged)"
	sync
	same "there" "$(flags "$box" "letter 020.")" '\Answered \Flagged \Seen'
	same "here" "$(local_flags "letter 020.")" FRS
}

folders() {
	imap "" "CREATE $box/There" && imap "" "SUBSCRIBE $box/There"
	put "$box/There" "$WORK/m103"
	mkdir -p "$near/$box/Here/cur" "$near/$box/Here/new" "$near/$box/Here/tmp"
	mail 104 | tr -d '\r' >"$near/$box/Here/new/1767600000.104.here"
	sync
	same "made there" "$(messages "$box/Here")" 1
	same "made here" "$(find "$near/$box/There/cur" -type f | wc -l)" 1
}

nothing() {
	local before
	before=$(imap "" "STATUS $box (MESSAGES UIDNEXT UNSEEN)")
	sync
	same "after a run without changes" "$(imap "" "STATUS $box (MESSAGES UIDNEXT UNSEEN)")" "$before"
}

for s in pull push_flags pull_flags new_mail expunge at_once folders nothing; do
	step "mbsync-$1-$s" $s
done
for f in "$box/Here" "$box/There" "$box"; do imap "" "DELETE $f"; done
finish
