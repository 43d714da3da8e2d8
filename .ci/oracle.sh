#!/bin/bash
# Gives satchel and Dovecot the same mail and the same commands and compares
# the meaning of every answer. Differences that an RFC justifies are listed in
# docs/oracle-allow.txt; any other fails.
#   oracle.sh [OPTION OF oracle.py ...]
. "$(dirname "$0")/lib.sh"
shared oracle/oracle.py || exit 0
shared corpus || exit 0
shared peers/dovecot.sh || exit 0
. "$TOP/.ci/dovecot.sh"
need python3 python3
# A new account of satchel has Drafts, Sent, Junk, Trash and Archive: so has Dovecot's.
MAIL_FORMAT=sdbox AUTO=subscribe METADATA=yes COMPRESS=yes start_dovecot
account u0 pass "$WORK/data"
"$SATCHEL" quota u0 --storage 20GiB --data "$WORK/data" >/dev/null # as the peer's
start_satchel "$WORK/data"

bulk=("$SHARED"/corpus/bulk/*.mbox)
if python3 "$SHARED/oracle/oracle.py" "127.0.0.1:$D_IMAP:u0:pass" "127.0.0.1:$IMAP:u0:pass" --wipe \
	--corpus "$SHARED/corpus" --mbox "${bulk[0]}" --bulk 3000 --allow "$TOP/docs/oracle-allow.txt" "$@"; then
	ok oracle
else
	bad oracle "differences outside docs/oracle-allow.txt"
fi
finish
