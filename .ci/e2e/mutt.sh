#!/bin/bash
# mutt on a pseudo terminal, steered by key presses, against a running satchel.
#   mutt.sh starttls|tls      (environment: U P IMAP IMAPS CERT)
. "$(dirname "$0")/../lib.sh"
. "$TOP/.ci/e2e/witness.sh"
case $1 in
starttls) url=imap://localhost:$IMAP tls=yes ;;
tls) url=imaps://localhost:$IMAPS tls=no ;;
esac
box=Mutt-$1

mkdir "$WORK/headers"
cat >"$WORK/rc" <<RC
set imap_user="$U" imap_pass="$P" imap_authenticators="login"
set ssl_force_tls=yes ssl_starttls=$tls certificate_file="$CERT"
set folder="$url/" spoolfile="$url/$box" record="$url/$box/Sent" mbox_type=Maildir
set header_cache="$WORK/headers/" imap_idle=yes timeout=2 mail_check=1
set confirmappend=no confirmcreate=no delete=yes quit=yes move=no mark_old=no sort=mailbox-order
set wait_key=no editor=true sendmail=/bin/true from="ada@example.org" realname="Ada"
RC

# keys SEQUENCE opens the folder, types the sequence and leaves.
keys() {
	TERM=xterm HOME=$WORK timeout -k 5 30 \
		script -qec "mutt -n -F '$WORK/rc' -f '$url/$box' -e 'push \"$1<quit>\"'" /dev/null \
		</dev/null >"$WORK/screen" 2>&1
}

prepare() {
	local i
	imap "" "CREATE $box" && imap "" "CREATE $box/Sent" && imap "" "CREATE $box/Kept"
	for i in 1 2 3 4 5 6; do mail "$i" >"$WORK/m$i"; done
	put "$box" "$WORK/m[1-6]"
	imap "$box" 'STORE 1:* FLAGS.SILENT ()'
}

read_one() {
	keys '<jump>2<enter><display-message><exit>'
	same "read" "$(found "$box" SEEN)" 2
}

flag_and_delete() {
	keys '<jump>3<enter><flag-message><jump>5<enter><delete-message><sync-mailbox>'
	same "flagged" "$(found "$box" FLAGGED)" 3
	same "left" "$(found "$box" ALL)" "1 2 3 4 6"
}

unread_again() {
	keys '<jump>2<enter><toggle-new>'
	same "unread" "$(found "$box" UNSEEN)" "1 2 3 4 6"
}

search() {
	keys '<tag-pattern>~b of.letter.4<enter><tag-prefix><flag-message>'
	same "flagged by body search" "$(found "$box" FLAGGED)" "3 4"
}

save() {
	keys '<jump>1<enter><save-message>=Mutt-'"$mode"'/Kept<enter><sync-mailbox>'
	same "saved" "$(found "$box/Kept" 'SUBJECT "letter 001."')" 1
	get "$box/Kept" 1 | cmp - "$WORK/m1"
	same "no longer in the folder" "$(found "$box" ALL)" "2 3 4 6"
}

# send leaves a copy in the record folder by APPEND.
send() {
	echo "Hello Ben." | TERM=xterm HOME=$WORK timeout 30 mutt -n -F "$WORK/rc" -s "from mutt" ben@example.org
	same "sent copies" "$(found "$box/Sent" 'SUBJECT "from mutt" SEEN')" 1
}

# new_mail arrives while mutt waits in IDLE; the next keys act on it.
new_mail() {
	mail 7 >"$WORK/m7"
	(sleep 3; put "$box" "$WORK/m7") &
	timeout -k 5 40 bash -c '{ sleep 8; printf "*F\$"; sleep 2; printf q; sleep 1; } |
		TERM=xterm HOME='"$WORK"' script -qec "mutt -n -F '"$WORK/rc -f $url/$box"'" /dev/null' >"$WORK/screen" 2>&1
	wait
	same "flagged on arrival" "$(flags "$box" "letter 007.")" '\Flagged \Seen'
}

mode=$1
for s in prepare read_one flag_and_delete unread_again search save send new_mail; do
	step "mutt-$1-$s" $s
done
for f in Kept Sent; do imap "" "DELETE $box/$f"; done
imap "" "DELETE $box"
finish
