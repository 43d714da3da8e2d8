#!/bin/bash
# docs/CLIENTS.md as it stands. The account's page in a real browser (Debian's
# chromium): logging in, a device that reads its settings off the screen and gets
# mail, revoking it; what the page looks like is then in SHOTS (bin/shots). And
# the page's settings for nginx, Caddy, mbsync and mutt.
. "$(dirname "$0")/lib.sh"
need chromium chromium zbarimg zbar-tools openssl openssl curl curl nginx nginx-light caddy caddy mbsync isync mutt mutt
SHOTS=${SHOTS:-$TOP/bin/shots}
mkdir -p "$SHOTS"
export ACCOUNT=alice@example.org PASSWORD='correct horse' SHOTS
host=mail.example.org
proxy=
cleanup() {
	[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
	proxy=
	stop_satchel
}

# block LANGUAGE prints what the page has to copy.
block() { awk -v begin="^\`\`\`$1\$" '$0 ~ begin { keep = 1; next } /^```/ { keep = 0 } keep' "$TOP/docs/CLIENTS.md"; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=$host -addext "subjectAltName=DNS:localhost,DNS:$host" \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
imaps=$(free_port) https=$(free_port) web=$(free_port)
cat >"$WORK/satchel.toml" <<TOML
hostname = "localhost"
listen.web = "127.0.0.1:$web"
clients.imaps_port = $imaps
[tls]
cert = "$WORK/cert.pem"
key = "$WORK/key.pem"
TOML
account "$ACCOUNT" "$PASSWORD" "$WORK/data"
"$SATCHEL" address add "$ACCOUNT" sales@example.org --data "$WORK/data" >/dev/null
printf 'Subject: Hello\n\nIt works.\n' | "$SATCHEL" deliver "$ACCOUNT" --data "$WORK/data"
"$SATCHEL" quota "$ACCOUNT" --storage 1MiB --data "$WORK/data" >/dev/null
start_satchel "$WORK/data" --config "$WORK/satchel.toml" --imaps "127.0.0.1:$imaps" --https "127.0.0.1:$https"
# What is deleted is there to bring back: a second message, without the first.
printf 'From: Ben Baker <ben@example.net>\nSubject: The invoice for the boat\n\nIt is overdue.\n' | "$SATCHEL" deliver "$ACCOUNT" --data "$WORK/data"
for command in 'STORE 2 +FLAGS (\Deleted)' EXPUNGE; do
	curl -sSk "imaps://localhost:$imaps/INBOX" -u "$ACCOUNT:$PASSWORD" -X "$command" >/dev/null
done

owner() { (cd "$TOP/.ci/e2e/web" && URL=https://localhost:$https "${GO:-go}" test -count=1 ./...); }

# behind PORT USER: a web server on this port passes on who asks, and how. The user is nobody, to be found in the log.
behind() {
	eventually curl -sk -o "$WORK/page" --resolve "$host:$1:127.0.0.1" "https://$host:$1/"
	grep -q 'Your mail account' "$WORK/page"
	via() { curl -sSk -o "$WORK/page" -w '%{http_code} %{redirect_url}' --resolve "$host:$1:127.0.0.1" --resolve "autoconfig.example.org:$1:127.0.0.1" "${@:2}"; }
	same "a wrong password" "$(via "$1" "https://$host:$1/login" -d user=$2 -d password=wrong -H "Origin: https://$host:$1" -H 'X-Forwarded-For: 198.51.100.1')" "401 "
	same "the right one" "$(via "$1" "https://$host:$1/login" -d user=$ACCOUNT --data-urlencode "password=$PASSWORD" -H 'X-Forwarded-For: 198.51.100.1')" \
		"303 https://$host:$1/account"
	same "another site's form" "$(via "$1" "https://$host:$1/login" -d user=$ACCOUNT -H 'Origin: https://evil.example')" "403 "
	same "settings" "$(via "$1" "https://autoconfig.example.org:$1/mail/config-v1.1.xml")" "200 "
	grep -q '<domain>example.org</domain>' "$WORK/page"
	grep -q "msg=\"login failed\" rip=127.0.0.1 user=$2 method=WEB reason=password front=web" "$WORK/data.log"
}
nginx_before() {
	behind "$secure" nginx
	same "in the clear" "$(via "$plain" "http://$host:$plain/x")" "302 https://localhost:$https/x"
	same "settings in the clear" "$(via "$plain" "http://autoconfig.example.org:$plain/mail/config-v1.1.xml")" "200 "
}
# before PROGRAM... runs a web server until the next one.
before() {
	[ -z "$proxy" ] || kill "$proxy"
	"$@" >"$WORK/$1.log" 2>&1 </dev/null &
	proxy=$!
}

mbsync_copies() {
	block mbsyncrc | sed "s|^Host .*|Host localhost\nPort $imaps\nCertificateFile $WORK/cert.pem|; s|pass show mail|echo $PASSWORD|; s|~/Mail|$WORK/Mail|" >"$WORK/mbsyncrc"
	mkdir "$WORK/Mail"
	mbsync -c "$WORK/mbsyncrc" example
	grep -rq '^Subject: Hello' "$WORK/Mail/INBOX"
	test -d "$WORK/Mail/Sent"
}
mutt_reads() {
	block muttrc >"$WORK/muttrc"
	same "mutt's settings" "$(mutt -n -F "$WORK/muttrc" -Q imap_user -Q smtp_url 2>&1)" 'imap_user="alice@example.org"
smtp_url="smtps://alice%40example.org@mail.example.org/"'
}

step "the account's page in chromium" owner

secure=$(free_port) plain=$(free_port)
{
	printf 'daemon off; pid %s/nginx.pid; error_log stderr; events {}\nhttp {\naccess_log off;\n' "$WORK"
	block nginx | sed "s|listen 443|listen 127.0.0.1:$secure|; s|listen 80|listen 127.0.0.1:$plain|; s|/etc/ssl/mail.pem|$WORK/cert.pem|
		s|/etc/ssl/mail.key|$WORK/key.pem|; s|127.0.0.1:8143|127.0.0.1:$web|"
	echo '}'
} >"$WORK/nginx.conf"
before nginx -p "$WORK" -c "$WORK/nginx.conf"
step "behind nginx" nginx_before

secure=$(free_port)
{
	printf '{\n\tadmin off\n\thttp_port %s\n\thttps_port %s\n\tlocal_certs\n\tskip_install_trust\n}\n' "$(free_port)" "$secure"
	block caddy | sed "s|127.0.0.1:8143|127.0.0.1:$web|"
} >"$WORK/Caddyfile"
before env XDG_DATA_HOME="$WORK" XDG_CONFIG_HOME="$WORK" caddy run --config "$WORK/Caddyfile" --adapter caddyfile
step "behind Caddy" behind "$secure" caddy

step "mbsync" mbsync_copies
step "mutt" mutt_reads
cleanup
finish
