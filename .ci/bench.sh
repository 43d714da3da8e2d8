#!/bin/bash
# Measures satchel against Dovecot (mdbox, both with fsync) and, where indexing
# counts, against itself without the index; then what satchel alone needs of
# memory, disk and time. Rewrites docs/BENCHMARKS.md.
#   bench.sh [OPTION OF imapbench ...]    with options: only the comparison with Dovecot
# Environment: ROUNDS (5), MESSAGES (20000), PAGE (docs/BENCHMARKS.md).
. "$(dirname "$0")/lib.sh"
shared imapbench/main.go || exit 0
shared peers/dovecot.sh || exit 0
. "$TOP/.ci/dovecot.sh"
ulimit -n "$(ulimit -Hn)"

ROUNDS=${ROUNDS:-5} MESSAGES=${MESSAGES:-20000}
REPORTS=$WORK/reports
DATA=$WORK/data
mkdir "$REPORTS"
echo 'search.index = false' >"$WORK/unindexed.toml"
(cd "$SHARED/imapbench" && go build -o "$WORK/imapbench" .)

# accounts DATA N makes the accounts that imapbench uses.
accounts() {
	local i
	for i in $(seq 0 $(($2 - 1))); do account "u$i" pass "$1"; done
}

# side a|b NAME IMAP IMAPS LMTP PID DATA prints what imapbench has to know of a server.
side() {
	echo "-$1" "$2=imap://u0:pass@127.0.0.1:$3" "-$1-tls" "imaps://127.0.0.1:$4" \
		"-$1-lmtp" "lmtp://127.0.0.1:$5" "-$1-pid" "$6" "-$1-dir" "$7"
}
dovecot_side() { side a dovecot "$D_IMAP" "$D_IMAPS" "$D_LMTP" "$(cat "$D_DIR/run/master.pid")" "$D_DIR/mail"; }
satchel_side() { side "$1" "$2" "$IMAP" "$IMAPS" "$LMTP" "$satchel_pid" "$3"; }

# compare REPORT SIDES OPTION... runs imapbench against two servers.
compare() {
	# shellcheck disable=SC2086 # the sides are lists of words
	"$WORK/imapbench" $2 -messages "$MESSAGES" -json "$REPORTS/$1.json" "${@:3}" || bad "$1" "a scenario failed"
	[ -s "$REPORTS/$1.json" ] || die "imapbench wrote no report"
	ok "$1"
}

against_dovecot() { compare "$1" "$(dovecot_side) $(satchel_side b satchel "$DATA")" "${@:2}"; }

start_both() {
	MAIL_FORMAT=mdbox MAIL_FSYNC=optimized start_dovecot
	start_satchel "$DATA" "$@"
}
stop_both() { stop_satchel; stop_dovecot; }

without_pid= # of the satchel without an index while there are two
stop_without() {
	satchel_pid=$without_pid without_pid=
	stop_satchel
}
cleanup() { stop_both; stop_without; }

# indexed ACCOUNT waits until its index has all its messages and does not change any more.
indexed() {
	local before=- now
	while :; do
		now=$("$SATCHEL" index status "$1" --data "$DATA" | tail -1)
		[[ $now != *" 100% "* || $now != "$before" ]] || break
		before=$now
		sleep 2
	done
	echo "indexed: $now"
}

# storing compares two satchel servers, only one of which has an index.
storing() {
	local without
	accounts "$WORK/without" 10
	accounts "$WORK/with" 10
	start_satchel "$WORK/without" --config "$WORK/unindexed.toml"
	without=$(satchel_side a no-index "$WORK/without") without_pid=$satchel_pid
	start_satchel "$WORK/with"
	compare storing "$without $(satchel_side b index "$WORK/with")" -n $((3 * ROUNDS)) -users 10 \
		-scenario append-1,append-8,multiappend,lmtp-deliver
	stop_satchel
	stop_without
}

# disk measures how large the index of the mail is.
disk() {
	"$WORK/imapbench" -messages "$MESSAGES" -dump "$WORK/all.mbox" >/dev/null
	account disk pass "$WORK/disk"
	"$SATCHEL" import mbox "$WORK/all.mbox" --account disk --data "$WORK/disk" >/dev/null
	"$SATCHEL" index rebuild --data "$WORK/disk"
	(cd "$TOP" && go run -tags sqlite_fts5 ./.ci/textsize "$WORK/all.mbox" "$WORK"/disk/accounts/*) | tee -a "$REPORTS/figures"
	rm -r "$WORK/all.mbox" "$WORK/disk"
}

# proof TEST ... runs measuring tests and keeps their figures.
proof() {
	local test
	for test; do
		if (cd "$TOP" && SATCHEL_MEASURE=1 SATCHEL=$SATCHEL go test -tags sqlite_fts5 -count=1 -v -timeout 60m \
			-run "^$test\$" ./cmd/satchel/proof) >"$WORK/out" 2>&1; then ok "$test"; else bad "$test" "$(tail -5 "$WORK/out")"; fi
		grep -E '^(figure|scale)' "$WORK/out" | tee -a "$REPORTS/figures" || true
	done
}

section() { printf 'section\t%s\n' "$1" >>"$REPORTS/figures"; }

echo "making 100 accounts"
accounts "$DATA" 100
start_both
against_dovecot disk "$@" -n 1 -scenario disk
indexed u0
against_dovecot speed -n "$ROUNDS" -scenario all,-disk,-idle-memory "$@"
stop_both
if [ $# = 0 ]; then
	start_both --config "$WORK/unindexed.toml"
	against_dovecot unindexed -n "$ROUNDS" -scenario search-body
	stop_both
	storing
	# Memory is measured on servers that have done nothing else yet.
	start_both
	against_dovecot memory -n 1 -scenario idle-memory -idle 2000
	stop_both
	section "Disk"
	step disk disk
	section "Memory and big folders"
	proof TestIdleMemory TestCompressedMemory TestImportMemory TestMillion TestSearchScale
	section "Backup of 100,000 messages that receive mail"
	proof TestBackupScale
fi

echo $(((SECONDS + 30) / 60)) >"$REPORTS/minutes"
page=${PAGE:-$TOP/docs/BENCHMARKS.md}
(cd "$TOP" && go run ./.ci/benchmarks "$REPORTS" >"$WORK/page")
rm -rf "$TOP/.bench" # what the page was made of
cp -r "$REPORTS" "$TOP/.bench"
cp "$WORK/page" "$page"
echo "$page rewritten"
finish
