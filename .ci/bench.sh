#!/bin/bash
# Measures satchel against Dovecot (mdbox, both with fsync) in one run, then
# satchel's memory alone, and rewrites docs/BENCHMARKS.md.
#   bench.sh [OPTION OF imapbench ...]
# Environment: ROUNDS (5), MESSAGES (20000), PAGE (docs/BENCHMARKS.md).
. "$(dirname "$0")/lib.sh"
shared imapbench/main.go || exit 0
shared peers/dovecot.sh || exit 0
. "$TOP/.ci/dovecot.sh"
ulimit -n "$(ulimit -Hn)"

(cd "$SHARED/imapbench" && go build -o "$WORK/imapbench" .)
MAIL_FORMAT=mdbox MAIL_FSYNC=optimized start_dovecot
echo "making 100 accounts"
for i in $(seq 0 99); do account "u$i" pass "$WORK/data"; done
start_satchel "$WORK/data"

# compare REPORT OPTION... runs imapbench against both servers.
compare() {
	"$WORK/imapbench" \
		-a "dovecot=imap://u0:pass@127.0.0.1:$D_IMAP" -a-tls "imaps://127.0.0.1:$D_IMAPS" \
		-a-lmtp "lmtp://127.0.0.1:$D_LMTP" -a-pid "$(cat "$D_DIR/run/master.pid")" -a-dir "$D_DIR/mail" \
		-b "satchel=imap://u0:pass@127.0.0.1:$IMAP" -b-tls "imaps://127.0.0.1:$IMAPS" \
		-b-lmtp "lmtp://127.0.0.1:$LMTP" -b-pid "$satchel_pid" -b-dir "$WORK/data" \
		-messages "${MESSAGES:-20000}" -json "$1" "${@:2}" || bad imapbench "a scenario failed"
	[ -s "$1" ] || die "imapbench wrote no report"
	ok imapbench
}

reports=("$WORK/speed.json")
compare "$WORK/speed.json" -n "${ROUNDS:-5}" -scenario all,-idle-memory "$@"
if [ $# = 0 ]; then
	# Memory is measured on servers that have done nothing else yet.
	stop_satchel
	stop_dovecot
	MAIL_FORMAT=mdbox MAIL_FSYNC=optimized start_dovecot
	start_satchel "$WORK/data"
	compare "$WORK/memory.json" -n 1 -scenario idle-memory -idle 2000
	reports+=("$WORK/memory.json")
fi
stop_satchel
stop_dovecot

: >"$WORK/figures"
if [ $# = 0 ]; then
	for test in TestIdleMemory TestCompressedMemory TestImportMemory TestMillion; do
		if (cd "$TOP" && SATCHEL_MEASURE=1 SATCHEL=$SATCHEL go test -tags sqlite_fts5 -count=1 -v -timeout 60m \
			-run "^$test\$" ./cmd/satchel/proof) >"$WORK/out" 2>&1; then ok $test; else bad $test "$(tail -5 "$WORK/out")"; fi
		grep '^figure' "$WORK/out" | tee -a "$WORK/figures" || true
	done
fi
mkdir -p "$TOP/.bench" # what the page was made of
cp "$WORK/figures" "${reports[@]}" "$TOP/.bench/"
page=${PAGE:-$TOP/docs/BENCHMARKS.md}
(cd "$TOP" && go run ./.ci/benchmarks "$WORK/figures" "${reports[@]}" >"$WORK/page")
cp "$WORK/page" "$page"
echo "$page rewritten"
finish
