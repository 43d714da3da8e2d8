#!/bin/bash
# Backups as docs/BACKUP.md has them: satchel's own, and Litestream with the
# settings of the page, both beside a server that takes mail, and restored.
# Litestream is LITESTREAM, the one in PATH, or built once into the user's cache.
. "$(dirname "$0")/lib.sh"
VERSION=v0.5.18

find_litestream() {
	local cache=${XDG_CACHE_HOME:-$HOME/.cache}/satchel-ci/litestream-$VERSION
	LITESTREAM=${LITESTREAM:-$(command -v litestream || true)}
	if [ -z "$LITESTREAM" ] && [ ! -x "$cache/litestream" ]; then
		echo "building Litestream $VERSION"
		GOBIN=$cache go install "github.com/benbjohnson/litestream/cmd/litestream@$VERSION" 2>"$WORK/build.log" ||
			{ tail -3 "$WORK/build.log" >&2; die "no Litestream"; }
	fi
	LITESTREAM=${LITESTREAM:-$cache/litestream}
}

data=$WORK/data backup=$WORK/backup
cleanup() {
	[ ! -e "$WORK/follower" ] || kill "$(cat "$WORK/follower")" 2>/dev/null || true
	stop_satchel
}

# deliver FROM TO delivers letters with these numbers.
deliver() {
	local i
	for i in $(seq "$1" "$2"); do
		printf 'From: Carol <carol@example.net>\nTo: ada@example.org\nSubject: letter %s\n\n%s\n' "$i" "$(seq 400)" |
			"$SATCHEL" deliver ada@example.org --data "$data"
	done
}

# contents FOLDER prints a digest of each message of ada's, with its name, which has UID order, date and flags.
contents() {
	rm -rf "$WORK/export"
	"$SATCHEL" export maildir "$WORK/export" --account ada@example.org --data "$1" >/dev/null
	(cd "$WORK/export" && find . -type f -path '*/cur/*' -print0 | sort -z | xargs -0 sha256sum | sed 's/[0-9]*\.[^,]*,/,/')
}

# Six runs while 120 letters come.
beside() {
	deliver 1 120 &
	local mta=$! i
	for i in 1 2 3 4 5 6; do "$SATCHEL" backup "$backup" --data "$data"; done
	wait $mta
	"$SATCHEL" backup "$backup" --data "$data" | grep -q ', 120 messages'
	"$SATCHEL" backup verify --deep "$backup"
}

restored() {
	"$SATCHEL" restore "$backup" --data "$WORK/restored"
	"$SATCHEL" check --deep --data "$WORK/restored"
	same "what is restored" "$(contents "$WORK/restored")" "$(contents "$data")"
}

# follow starts Litestream with the settings of the page.
follow() {
	awk '/^```yaml/ { keep = 1; next } /^```/ { keep = 0 } keep' "$TOP/docs/BACKUP.md" |
		sed "s|/var/lib/satchel|$data|; s|/mnt/litestream|$WORK/replica|" >"$WORK/litestream.yml"
	"$LITESTREAM" replicate -config "$WORK/litestream.yml" >"$WORK/litestream.log" 2>&1 &
	echo $! >"$WORK/follower"
}

# replicated waits until Litestream has something of a file.
replicated() {
	stored() { find "$WORK/replica" -path "*$1*" -name '*.ltx' 2>/dev/null | grep -q .; }
	eventually stored "$1" && return
	tail -3 "$WORK/litestream.log"
	return 1
}

# While Litestream reads all the time, mail comes, the log is folded, and satchel's own backup works.
followed() {
	follow
	replicated directory
	replicated mail.db
	deliver 121 240
	"$SATCHEL" backup "$backup" --data "$data" | grep -q ', 240 messages'
	"$SATCHEL" backup verify "$backup"
	! grep -E 'level=ERROR' "$WORK/litestream.log" "$data.log"
}

# Litestream writes what is left when it stops. One folder restored file by file, in a house of its own.
recovered() {
	local pid id
	pid=$(cat "$WORK/follower")
	kill -TERM "$pid"
	tail -f --pid="$pid" /dev/null
	rm "$WORK/follower"
	id=$(basename "$(dirname "$(ls "$data"/accounts/*/mail.db)")")
	mkdir -p "$WORK/recovered/accounts/$id"
	"$LITESTREAM" restore -o "$WORK/recovered/directory.db" "file://$WORK/replica/directory"
	"$LITESTREAM" restore -o "$WORK/recovered/accounts/$id/mail.db" "file://$WORK/replica/accounts/$id/mail.db"
	"$SATCHEL" check --deep --data "$WORK/recovered"
	same "what Litestream has" "$(contents "$WORK/recovered")" "$(contents "$data")"
}

# As the page says: UIDs move on when it goes through a backup.
moved() {
	"$SATCHEL" backup "$WORK/after" --data "$WORK/recovered"
	"$SATCHEL" restore "$WORK/after" --data "$WORK/moved"
	"$SATCHEL" check --deep --data "$WORK/moved"
	same "what was moved on" "$(contents "$WORK/moved")" "$(contents "$data")"
}

find_litestream
account ada@example.org correct-horse "$data"
start_satchel "$data"
step "backup beside deliveries" beside
step "restored" restored
step "Litestream beside both" followed
stop_satchel
step "recovered from Litestream" recovered
step "moved on" moved
finish
