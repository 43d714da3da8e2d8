#!/bin/bash
# Moving in and out, with a private Dovecot at the other end, as docs/MIGRATING.md tells people to: the corpus comes over
# IMAP, interrupted by kill -9, and again after changes on both sides; then it leaves as a Maildir and by interimap. All that
# is in an account is compared each time, message by message. Needs root and SHARED.
. "$(dirname "$0")/lib.sh"
shared corpus || exit 0
shared peers/dovecot.sh || exit 0
. "$TOP/.ci/dovecot.sh"
need python3 python3 interimap interimap openssl openssl

DATA=$WORK/data
# account.py HOST:PORT USER PASSWORD is the witness at either end.
old() { python3 "$TOP/.ci/e2e/account.py" "127.0.0.1:$D_IMAP" "${OLD:-u0}" "${PASSWORD:-pass}" "$@"; }
new() { python3 "$TOP/.ci/e2e/account.py" "127.0.0.1:$IMAP" "${NEW:-alice}" secret "$@"; }
bring() {
	"$SATCHEL" import imap "127.0.0.1:$D_IMAPS" --ca "$D_DIR/cert.pem" --account "${NEW:-alice}" --user "${OLD:-u0}" \
		--password-file "$WORK/password" --data "$DATA" "$@"
}

# A level above a folder is a folder here, and in Dovecot a name only.
above='^folder "?(&ZeVnLIqe-|deep|deep/er|deep/er/and|deep/er/and/deeper)"? '
# all LEFT RIGHT compares two dumps, whatever order they are in.
all() {
	same "what is there" "$(diff <(grep -Ev "$above" "$1" | sort) <(grep -Ev "$above" "$2" | sort) | head -n 6)" ""
	[ "$(wc -l <"$1")" -gt 3000 ] || { echo "$1 has $(wc -l <"$1") lines"; return 1; }
}

interrupted() {
	local status=0
	bring >"$WORK/first.log" 2>&1 &
	local pid=$!
	# Half of the INBOX is enough: its line comes with its last message.
	until grep -q '^Grüße' "$WORK/first.log" || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
	kill -KILL $pid 2>/dev/null && wait $pid || status=$?
	same "the end of an import that was killed" "$status" 137
	"$SATCHEL" check --data "$DATA"
}

goes_on() {
	bring >"$WORK/second.log" 2>&1
	grep -qE '^alice: [0-9]+ new, [0-9]+ already there' "$WORK/second.log"
	! grep -q '^alice: 3500 new' "$WORK/second.log"
}

same_as_there() {
	old dump >"$WORK/old" && new dump >"$WORK/new" && all "$WORK/old" "$WORK/new"
}

# What changed there changes here, UIDs and all; what was changed here stays. The running server does the writing.
changes() {
	old do 'SELECT Work' 'STORE 1:20 +FLAGS ($Changed \Flagged)' 'STORE 30:40 FLAGS (\Deleted)' 'EXPUNGE' 'CREATE Later' \
		'COPY 1:5 Later' 'SUBSCRIBE Later' 'RENAME R&-D Research' 'UNSUBSCRIBE R&-D' \
		'SUBSCRIBE Research' 'SELECT INBOX' 'STORE 1:* -FLAGS (\Seen)' >/dev/null
	new do 'SELECT v1.2' 'STORE 1:10 +FLAGS (mine)' >/dev/null
	bring --delete >"$WORK/third.log" 2>&1
	grep -q '^R&D has been renamed to Research there' "$WORK/third.log"
	old dump >"$WORK/old"
	new do 'SELECT v1.2' 'STORE 1:10 -FLAGS (mine)' >/dev/null
	new dump >"$WORK/new" && all "$WORK/old" "$WORK/new"
	same "a run after that" "$(bring --delete 2>&1 | sed 's/ [0-9]* already/ already/')" "alice: 0 new, already there (0 bytes)"
}

# Courier and Cyrus have everything below INBOX, with dots; a master user reads others' mail.
elsewhere() {
	cat >>"$D_DIR/dovecot.conf" <<-CONF
		auth_master_user_separator = *
		passdb {
		  driver = static
		  master = yes
		  args = password=master
		}
		namespace inbox {
		  separator = .
		  prefix = INBOX.
		}
	CONF
	kill -HUP "$(bash "$SHARED/peers/dovecot.sh" status "$D_DIR" | grep -o '[0-9]*$')"
	account bob secret "$DATA"
	echo master >"$WORK/master"
	master() { OLD='u0*postmaster' PASSWORD=master old do NOOP >/dev/null 2>&1; }
	eventually master
	"$SATCHEL" import imap "127.0.0.1:$D_IMAP" --starttls --ca "$D_DIR/cert.pem" --account bob --user 'u0*postmaster' \
		--password-file "$WORK/master" --data "$DATA" --exclude v1 >"$WORK/courier.log" 2>&1
	new dump >"$WORK/new" && NEW=bob new dump >"$WORK/bob" && all "$WORK/new" "$WORK/bob"
}

# The way out as files: Dovecot reads what was exported, UIDs and keywords too.
out_maildir() {
	local mail=$WORK/out
	new do 'DELETE v1.2' 'UNSUBSCRIBE v1.2' >/dev/null # in a Maildir Dovecot has no dots in names, without plugins
	"$SATCHEL" export maildir "$mail" --account alice --data "$DATA" >/dev/null
	chown -R --reference="$D_DIR/mail" "$mail"
	sed -i "s|^u2:.*|u2:pass::::::userdb_mail=maildir:$mail|" "$D_DIR/users"
	# Dovecot looks at its users once a second.
	there() { doveadm -c "$D_DIR/dovecot.conf" user -f mail u2 | grep -qxF "maildir:$mail"; }
	eventually there
	OLD=u2 old dump >"$WORK/exported" && new dump >"$WORK/new" && all "$WORK/new" "$WORK/exported"
}

# The way out over IMAP, to a server with QRESYNC: interimap keeps both in step, so nobody need hurry.
out_interimap() {
	{
		echo "database = $WORK/interimap.db"
		sed -n '/^```ini$/,/^```$/{/^```/d;p}' "$TOP/docs/MIGRATING.md" | sed \
			-e "s/^type = imaps/type = imap\nSTARTTLS = NO/" -e "s/^host = .*/host = 127.0.0.1/" \
			-e "/^username = alice@example.org/s/.*/port = $IMAP\nusername = alice/" -e "s/^username = alice\$/port = $D_IMAP\nusername = u1/" \
			-e '/^\[remote/,$s/^password = .*/password = pass/'
	} >"$WORK/interimaprc"
	HOME=$WORK XDG_DATA_HOME=$WORK interimap --config="$WORK/interimaprc" --quiet
	OLD=u1 old dump moved >"$WORK/moved" && new dump moved >"$WORK/new" && all "$WORK/new" "$WORK/moved"
}

[ -x "$SATCHEL" ] || die "no $SATCHEL: run 'make build' first"
MAIL_FSYNC=never AUTO=subscribe ACL=no start_dovecot
echo pass >"$WORK/password"
account alice secret "$DATA"
step "the old account" old fill "$SHARED/corpus" 3500
step "an import that is killed" interrupted
step "the same command goes on" goes_on
start_satchel "$DATA"
step "it is all there" same_as_there
step "changes on both sides" changes
step "the way out as a Maildir" out_maildir
step "the way out by interimap" out_interimap
step "another server's names and a master user" elsewhere
stop_satchel
finish
