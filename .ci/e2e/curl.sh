#!/bin/bash
# curl imap:// against a running satchel: list, append, fetch, search, store,
# copy, expunge, rename.
#   curl.sh starttls|tls      (environment: U P IMAP IMAPS CERT)
. "$(dirname "$0")/../lib.sh"
. "$TOP/.ci/e2e/witness.sh"
case $1 in
starttls) via=(--ssl-reqd) url=imap://localhost:$IMAP ;;
tls) via=() url=imaps://localhost:$IMAPS ;;
esac
box=Curl-$1

# client PATH OPTION... is the client under test: it checks the certificate.
client() { curl -sS --max-time 20 "${via[@]}" --cacert "$CERT" -u "$U:$P" "$url/$1" "${@:2}"; }

create() {
	client "" -X "CREATE $box"
	client "" -X "CREATE \"$box/Sub one\""
	client "" | grep -qF "\"$box/Sub one\""
}

append() {
	local i
	for i in 1 2 3 4 5; do
		mail "$i" $((i == 3 ? 20000 : 5)) >"$WORK/$i"
		client "$box" -T "$WORK/$i"
	done
	same "messages" "$(messages "$box")" 5
}

fetch() {
	local i
	for i in 1 3 5; do
		client "$box;UID=$i" | cmp - "$WORK/$i"
		client "$box;MAILINDEX=$i" | cmp - "$WORK/$i"
		client "$box;UID=$i;SECTION=TEXT" | cmp - <(sed '1,/^\r$/d' "$WORK/$i")
	done
}

header() {
	same "field" "$(client "$box;UID=2;SECTION=HEADER.FIELDS%20(SUBJECT)" | tr -d '\r\n')" "Subject: letter 002."
}

search() {
	same "by subject" "$(client "$box?SUBJECT%20%22letter%20004.%22" | tr -d '\r')" "* SEARCH 4"
	same "by text" "$(client "$box?TEXT%20%22of%20letter%202%22" | tr -d '\r')" "* SEARCH 2"
	same "nothing" "$(client "$box?FROM%20nobody" | tr -d '\r ')" "*SEARCH"
}

store() {
	client "$box" -X 'STORE 2 +FLAGS.SILENT (\Flagged $Label1)'
	same "flags elsewhere" "$(flags "$box" "letter 002.")" '$Label1 \Flagged \Seen'
}

copy() {
	client "$box" -X "COPY 1:2 \"$box/Sub one\""
	same "copies" "$(messages "$box/Sub one")" 2
	same "copied flags" "$(flags "$box/Sub%20one" "letter 002.")" '$Label1 \Flagged \Seen'
}

expunge() {
	client "$box" -X 'STORE 1 +FLAGS (\Deleted)' >/dev/null
	client "$box" -X EXPUNGE | grep -q '^\* 1 EXPUNGE'
	same "left" "$(messages "$box")" 4
	same "first left" "$(found "$box" ALL)" "2 3 4 5"
}

uidvalidity() {
	local v code=0
	v=$(imap "" "STATUS $box (UIDVALIDITY)" | sed -n 's/.*UIDVALIDITY \([0-9]*\).*/\1/p')
	client "$box;UIDVALIDITY=$v;UID=2" | cmp - "$WORK/2"
	client "$box;UIDVALIDITY=$((v + 1));UID=2" 2>/dev/null || code=$?
	same "exit code for another UIDVALIDITY" "$code" 78
}

rename() {
	client "" -X "RENAME $box $box-new"
	same "below the new name" "$(messages "$box-new/Sub one")" 2
	client "" -X "DELETE \"$box-new/Sub one\""
	client "" -X "DELETE $box-new"
	same "left over" "$(client "" | grep -c "$box" || true)" 0
}

refused() {
	local code=0
	client "" -u "$U:not-$P" >/dev/null 2>&1 || code=$?
	same "exit code for a wrong password" "$code" 67
}

for s in create append fetch header search store copy expunge uidvalidity rename refused; do
	step "curl-$1-$s" $s
done
finish
