#!/bin/bash
# The recipe of docs/POSTFIX.md: a private Postfix of Debian's, with the settings that the page has, in front of a
# freshly started satchel that runs as nobody. Mail goes in at Postfix and is read back over IMAP. Needs root.
#   e2e-postfix.sh [ports|unix|command ...]     (all; command is what "satchel postfix" prints)
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- ports unix command
[ "$(id -u)" = 0 ] || die "needs root: Postfix changes users, and so does this"
need postfix postfix curl curl openssl openssl setpriv util-linux

PAGE=$TOP/docs/POSTFIX.md
P="correct horse"
ETC=$WORK/etc SPOOL=$WORK/spool

cleanup() { stop_postfix; stop_satchel; }

# block NAME prints the blocks of the page that are marked with the name, with our ports and places in them.
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/d;p}" "$PAGE" | ours; }
ours() {
	sed \
		-e "s/127\.0\.0\.1:24\b/127.0.0.1:$MAIL/" -e "s/:12325\b/:$AUTH/" -e "s/:12326\b/:$MAPS/" \
		-e "s|/etc/letsencrypt/live/mail.example.org/fullchain.pem|$WORK/cert.pem|" \
		-e "s|/etc/letsencrypt/live/mail.example.org/privkey.pem|$WORK/key.pem|" \
		-e "s/for front in submission submissions/for front in 127.0.0.1:$SUBMISSION 127.0.0.1:$SUBMISSIONS/" \
		-e "s/'submission\/inet = submission /'127.0.0.1:$SUBMISSION\/inet = 127.0.0.1:$SUBMISSION /" \
		-e "s/'submissions\/inet = submissions /'127.0.0.1:$SUBMISSIONS\/inet = 127.0.0.1:$SUBMISSIONS /" \
		-e "s/'submission\/inet/'127.0.0.1:$SUBMISSION\/inet/" -e "s/'submissions\/inet/'127.0.0.1:$SUBMISSIONS\/inet/" \
		-e "s/^submission inet/127.0.0.1:$SUBMISSION inet/" -e "s/^submissions inet/127.0.0.1:$SUBMISSIONS inet/" \
		-e "s|/var/spool/postfix|$SPOOL|"
}

# start_postfix starts an instance with a queue and a configuration of its own: what the distribution brings, then the
# page's lines.
start_postfix() {
	mkdir -p "$ETC" "$SPOOL" "$WORK/lib"
	chown postfix "$WORK/lib"
	sed "s/^smtp  *inet/127.0.0.1:$SMTP inet/" /usr/share/postfix/master.cf.dist >"$ETC/master.cf"
	[ "$1" = command ] || block master.cf >>"$ETC/master.cf"
	{
		cat <<-CF
			compatibility_level = 3.6
			myhostname = mail.example.org
			mydestination =
			mynetworks = 192.0.2.0/24
			inet_interfaces = loopback-only
			inet_protocols = ipv4
			queue_directory = $SPOOL
			data_directory = $WORK/lib
			command_directory = /usr/sbin
			daemon_directory = /usr/lib/postfix/sbin
			maillog_file = $WORK/postfix.log
			maillog_file_prefixes = $WORK
		CF
		[ "$1" = command ] || block main.cf
	} >"$ETC/main.cf"
	[ "$1" != unix ] || block unix.cf | while read -r line; do postconf -c "$ETC" -e "$line"; done
	[ "$1" != command ] || MAIL_CONFIG=$ETC sh -e <("$SATCHEL" postfix --data "$WORK/data" --config "$WORK/satchel.toml" | ours) ||
		die "what satchel postfix prints does not work"
	postfix -c "$ETC" start >"$WORK/start.log" 2>&1 || die "Postfix does not start: $(tail -n 3 "$WORK/start.log")"
}

stop_postfix() {
	local master
	[ -e "$SPOOL/pid/master.pid" ] || return 0
	master=$(tr -d ' ' <"$SPOOL/pid/master.pid")
	kill -0 "$master" 2>/dev/null || return 0
	timeout 30 postfix -c "$ETC" stop >/dev/null 2>&1 || kill -KILL "$master" 2>/dev/null || true
}

# people makes the accounts, once.
people() {
	local a
	mkdir -p "$WORK/data"
	chown nobody "$WORK/data"
	for a in alice@example.org bob@example.org carol@example.org; do account "$a" "$P" "$WORK/data"; done
	"$SATCHEL" address add alice@example.org sales@example.org --data "$WORK/data" >/dev/null
	"$SATCHEL" account disable carol@example.org --data "$WORK/data" >/dev/null
	PHONE=$("$SATCHEL" app-password add alice@example.org phone --data "$WORK/data")
}

# configure writes satchel's configuration, with the page's sockets.
configure() {
	case $1 in
	ports) block toml >"$WORK/satchel.toml"; LISTEN=127.0.0.1:$MAIL ;;
	unix) block unix.toml >"$WORK/satchel.toml"; LISTEN=unix:$SPOOL/satchel/lmtp ;;
	command)
		install -d -o nobody -m 700 "$WORK/data/tls"
		install -o nobody -m 600 "$WORK/cert.pem" "$WORK/key.pem" "$WORK/data/tls"
		printf 'hostname = "mail.example.org"\n[listen]\nlmtp = "%s"\nauth = "%s"\nsocketmap = "%s"\n' \
			"127.0.0.1:$MAIL" "127.0.0.1:$AUTH" "127.0.0.1:$MAPS" >"$WORK/satchel.toml"
		LISTEN=127.0.0.1:$MAIL ;;
	esac
}

# serve starts satchel with it.
serve() {
	[ ! -e "$WORK/data.log" ] || cat "$WORK/data.log" >>"$WORK/all.log"
	start_satchel "$WORK/data" --config "$WORK/satchel.toml" --lmtp "$LISTEN"
}

# send SUBJECT URL FROM TO OPTION... hands a message to Postfix, and prints what was said.
send() {
	printf 'From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\n\r\ntext\r\n' "$3" "$4" "$1" >"$WORK/mail"
	curl -sv --max-time 30 --cacert "$WORK/cert.pem" --url "$2/sender.example.net" --mail-from "$3" --mail-rcpt "$4" -T "$WORK/mail" "${@:5}" 2>&1
}

outside() { send "$1" "smtp://localhost:$SMTP" carol@example.net "$2"; }
submit() { send "$1" "smtp://localhost:$SUBMISSION" "$2" bob@example.org --ssl-reqd -u "$3:$4" "${@:5}"; }

# arrives ACCOUNT SUBJECT waits until the message can be read over IMAP.
arrives() {
	local subject=${2// /%20}
	found() {
		curl -sS --max-time 10 --insecure -u "$1:$P" "imaps://localhost:$IMAPS/INBOX?SUBJECT%20%22${subject//+/%2B}%22" |
			grep -q 'SEARCH [0-9]'
	}
	eventually found "$1" && return
	tail -n 5 "$WORK/postfix.log"
	return 1
}

# refused CODE COMMAND... is a step that Postfix answers with a code.
refused() {
	local out
	if out=$("${@:2}"); then echo "taken: $out"; return 1; fi
	grep -qE "^< $1" <<<"$out" || { grep '^< ' <<<"$out"; return 1; }
}

come_in() { outside "$how in $1" "$1" && arrives "$2" "$how in $1"; }
go_out() { submit "$1" "$2" "$3" "$4" "${@:5}" && arrives bob@example.org "$1"; }
asks() { same "$1" "$(postmap -c "$ETC" -q "${@:2}")" alice@example.org; }

# commands runs what the page has people type.
commands() {
	block sh | while read -r line; do same "$line" "$(eval "${line/postmap/postmap -c $ETC}")" alice@example.org; done
}

# no_login PORT: nobody is offered to log in there, in the clear.
no_login() {
	local out
	out=$(send x "smtp://localhost:$1" a@example.net bob@example.org || true)
	grep -q '^< 250.8BITMIME' <<<"$out"
	! grep '^< 250.AUTH' <<<"$out"
}

over_tls() {
	send "$how tls" "smtps://localhost:$SUBMISSIONS" alice@example.org bob@example.org -u "alice@example.org:$P"
	arrives bob@example.org "$how tls"
}

# put_off: while satchel is not there Postfix takes nothing that it would have to ask about.
put_off() {
	refused 4 outside away alice@example.org
	refused 4 submit away alice@example.org alice@example.org "$P"
}

# goes_on: afterwards it goes on by itself.
goes_on() {
	come_in sales@example.org alice@example.org
	go_out "$1 again" alice@example.org alice@example.org "$P"
}

# full_up: while an account is full its mail is refused, before it is sent.
full_up() {
	postconf -c "$ETC" -e "$(block full.cf)"
	postfix -c "$ETC" reload >/dev/null 2>&1
	"$SATCHEL" quota bob@example.org --storage 1 --data "$WORK/data" >/dev/null
	refused "552 5.2.2" outside full bob@example.org
	"$SATCHEL" quota bob@example.org --storage default --data "$WORK/data" >/dev/null
	come_in bob+room@example.org bob@example.org
}

logged() {
	cat "$WORK/data.log" >>"$WORK/all.log"
	grep -q 'msg=login rip=127.0.0.1 user=alice@example.org account=alice@example.org method=PLAIN service=smtp' "$WORK/all.log"
	grep -q 'msg="login failed" rip=127.0.0.1 user=alice@example.org method=PLAIN reason=password' "$WORK/all.log"
	! grep -E "horse|$PHONE" "$WORK/all.log" "$WORK/postfix.log"
}

scenario() {
	[ "$1" = ports ] && step "$1: what the page has people type" commands
	step "$1: mail from outside" come_in alice@example.org alice@example.org
	step "$1: for an alias" come_in sales@example.org alice@example.org
	step "$1: for a detail" come_in bob+x@example.org bob@example.org
	step "$1: for a disabled account" outside disabled carol@example.org
	step "$1: refused for an address that nobody has" refused "550 5.1.1" outside x nobody@example.org
	step "$1: no relay" refused "[45]54 " outside x someone@example.com
	step "$1: nobody logs in on port 25" no_login "$SMTP"
	step "$1: nobody logs in without TLS" no_login "$SUBMISSION"
	step "$1: submission" go_out "$1 plain" alice@example.org alice@example.org "$P"
	step "$1: submission by LOGIN, from an alias" go_out "$1 login" sales@example.org alice@example.org "$P" --login-options AUTH=LOGIN
	step "$1: submission with an app password" go_out "$1 app" alice@example.org sales@example.org "$PHONE"
	step "$1: submission over TLS" over_tls
	step "$1: refused with a wrong password" refused "535 5.7.8.*Wrong name or password" submit x alice@example.org alice@example.org "wrong horse"
	step "$1: refused for a disabled account" refused "535 5.7.8.*disabled" submit x carol@example.org carol@example.org "$P"
	step "$1: refused from another's address" refused "553 5.7.1" submit x bob@example.org alice@example.org "$P"
	stop_satchel
	step "$1: put off while satchel is away" put_off
	serve
	step "$1: satchel comes back" goes_on "$1"
	[ "$1" = ports ] && step "$1: refused for an account that is full" full_up
	stop_satchel
	step "$1: in the log" logged
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
install -m 755 "$SATCHEL" "$WORK/program" || die "no $SATCHEL: run 'make build' first"
printf '#!/bin/sh\nexec setpriv --reuid nobody --regid nogroup --clear-groups %s "$@"\n' "$WORK/program" >"$WORK/satchel"
chmod 755 "$WORK/satchel"
SATCHEL=$WORK/satchel
people
for how in "$@"; do
	MAIL=$(free_port) AUTH=$(free_port) MAPS=$(free_port) SMTP=$(free_port) SUBMISSION=$(free_port) SUBMISSIONS=$(free_port)
	configure "$how"
	start_postfix "$how"
	if [ "$how" = unix ]; then
		sed -n 's/^    install -d -o satchel /install -d -o nobody /p' "$PAGE" | sed "s|/var/spool/postfix|$SPOOL|" | sh -e
	fi
	serve
	scenario "$how"
	stop_postfix
done
finish
