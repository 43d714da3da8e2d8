# shellcheck shell=bash
# Shared by the scripts of .ci: Debian packages, free ports, a private
# satchel, and the counting of steps. Sourced, never run.
#
# SHARED is the folder with the clients, corpus, oracle, peers and benchmark
# that live outside this repository; what needs it is skipped without it.

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SHARED=${SHARED:-$TOP/../shared}
SATCHEL=${SATCHEL:-$TOP/bin/satchel}
PATH=$PATH:/usr/sbin:/sbin # dovecot lives there, and not every shell looks
WORK=$(mktemp -d "${TMPDIR:-/tmp}/satchel.XXXXXX")
chmod 755 "$WORK"
passed=0 failed=0 satchel_pid=

die() { echo "${0##*/}: $*" >&2; exit 1; }

# cleanup runs at the end of every script; one that started more redefines it
# and calls stop_satchel itself.
cleanup() { stop_satchel; }
trap 'cleanup; rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM

# need PROGRAM PACKAGE ... installs the Debian packages of missing programs.
need() {
	local missing=()
	while [ $# -gt 1 ]; do
		command -v "$1" >/dev/null || missing+=("$2")
		shift 2
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "installing from Debian: ${missing[*]}"
	local root=()
	[ "$(id -u)" = 0 ] || root=(sudo -n)
	{ "${root[@]}" apt-get update -qq </dev/null &&
		"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
	} >"$WORK/apt.log" 2>&1 || {
		tail -5 "$WORK/apt.log" >&2
		die "could not install ${missing[*]}; install them by hand and run this again"
	}
}

# shared FOLDER tells whether SHARED/FOLDER is there, and says so if not.
shared() {
	[ -e "$SHARED/$1" ] && return
	echo "skipped: needs $1 of SHARED=$SHARED, which is not here"
	return 1
}

# free_port prints a loopback port below the kernel's ephemeral range that
# nobody listens on.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 10000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# eventually COMMAND [ARG ...] tries until the command succeeds, for ten seconds (or TRIES tenths of one).
eventually() {
	local i
	for i in $(seq "${TRIES:-100}"); do
		"$@" && return 0 # said, for in a trap a bare return repeats the status before it
		sleep 0.1
	done
	return 1
}

# start_satchel DATA [FLAG ...] starts a server in the background and waits until
# it is ready. It sets IMAP, IMAPS and LMTP (ports) and satchel_pid; what the
# server prints goes to DATA.log.
start_satchel() {
	[ -x "$SATCHEL" ] || die "no $SATCHEL: run 'make build' first"
	local ready i
	"$SATCHEL" serve --data "$1" --imap 127.0.0.1:0 --imaps 127.0.0.1:0 --lmtp 127.0.0.1:0 \
		"${@:2}" </dev/null >"$1.log" 2>&1 &
	satchel_pid=$!
	for i in $(seq 200); do
		if ready=$(grep '^ready ' "$1.log"); then
			IMAP=$(sed 's/.* imap=[^ ]*:\([0-9]*\).*/\1/' <<<"$ready")
			IMAPS=$(sed 's/.* imaps=[^ ]*:\([0-9]*\).*/\1/' <<<"$ready")
			LMTP=$(sed 's/.* lmtp=[^ ]*:\([0-9]*\).*/\1/' <<<"$ready")
			return
		fi
		kill -0 $satchel_pid 2>/dev/null || break
		sleep 0.1
	done
	tail -5 "$1.log" >&2
	die "satchel is not ready after $((i / 10)) s"
}

# stop_satchel ends the server in order; one that does not end within ten
# seconds counts as a failed step.
stop_satchel() {
	[ -n "$satchel_pid" ] || return 0
	local pid=$satchel_pid
	satchel_pid=
	kill -TERM "$pid" 2>/dev/null || return 0
	ended() { ! kill -0 "$pid" 2>/dev/null; }
	eventually ended && { wait "$pid" || true; return 0; }
	kill -KILL "$pid"
	bad stop "satchel did not stop within 10 s of SIGTERM"
}

# account NAME PASSWORD DATA makes an account.
account() { printf '%s\n' "$2" | "$SATCHEL" account add "$1" --data "$3" --password-stdin >/dev/null; }

# blocks PAGE N... prints the commands of the N-th blocks of a page in docs, or of a file.
blocks() {
	(cd "$TOP/docs" && awk -v want=" ${*:2} " '/^```bash/ { n++; keep = index(want, " " n " "); next } /^```/ { keep = 0 } keep' "$1")
}

ok() { passed=$((passed + 1)); echo "ok $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1: ${2:-}"; }

# step NAME COMMAND... runs a command of the scenario; its output is shown
# only when it fails.
step() {
	local name=$1 out status
	shift
	# Not as a condition: bash would then ignore set -e in all that is called.
	set +e
	out=$(set -e; "$@" 2>&1)
	status=$?
	set -e
	if [ $status = 0 ]; then ok "$name"; else bad "$name" "$(tail -n 5 <<<"$out" | tr '\n' ' ')"; fi
}

# same WHAT GOT WANT fails the step when the two differ.
same() { [ "$2" = "$3" ] || { echo "$1: got ${2:0:300}, want ${3:0:300}"; return 1; }; }

# finish prints the closing line of a script and ends it.
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
	exit $?
}
