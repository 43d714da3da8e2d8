#!/usr/bin/env python3
"""Fills an IMAP account with a corpus, or prints all that is in one. Plain sockets, no library: what it says of an
account must not come from a client that it is to judge.

  account.py HOST:PORT USER PASSWORD fill CORPUS COUNT
  account.py HOST:PORT USER PASSWORD dump [moved]
  account.py HOST:PORT USER PASSWORD do COMMAND ...
"""
import base64
import glob
import hashlib
import re
import socket
import sys


class Account:
    def __init__(self, address, user, password):
        host, port = address.rsplit(":", 1)
        self.sock = socket.create_connection((host, int(port)), timeout=60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb", 1 << 16)
        self.tag = 0
        self.file.readline()
        self.do('LOGIN "%s" "%s"' % (user, password))

    def send(self, *parts):
        self.tag += 1
        self.sock.sendall(b"t%d " % self.tag + b"".join(p.encode() if isinstance(p, str) else p for p in parts) + b"\r\n")
        return self.tag

    def response(self):
        """One response: its text with literals cut out, and these."""
        text, literals = b"", []
        while True:
            line = self.file.readline()
            if not line:
                raise SystemExit("connection closed")
            text += line.rstrip(b"\r\n")
            m = re.search(rb"\{(\d+)\}$", text)
            if not m:
                return text.decode("utf-8", "surrogateescape"), literals
            literals.append(self.file.read(int(m[1])))
            text = text[: m.start()] + b"\0"

    def wait(self, tag):
        got = []
        while True:
            text, literals = self.response()
            if text.startswith("t%d " % tag):
                if not text.startswith("t%d OK" % tag):
                    raise SystemExit("%s: %s" % (sys.argv[2], text))
                return got
            got.append((text, literals))

    def do(self, *parts):
        return self.wait(self.send(*parts))

    def names(self, command):
        found = []
        for text, literals in self.do(command + ' "" "*"'):
            m = re.match(r'\* L(?:IST|SUB) \(([^)]*)\) (?:"[^"]*"|NIL) (.*)$', text)
            if m and "\\noselect" not in m[1].lower() and "\\nonexistent" not in m[1].lower():
                found.append(quoted(literals[0].decode()) if literals else m[2] if m[2].startswith('"') else quoted(m[2]))
        return sorted(found)


def quoted(name):
    return '"%s"' % name.replace("\\", "\\\\").replace('"', '\\"')


def mutf7(name):
    def part(m):
        return "&" + base64.b64encode(m[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return re.sub(r"[^\x20-\x7e]+", part, name.replace("&", "&-"))


FOLDERS = ["INBOX", "Work", "Work/Projects", "Work/Projects/2024", "Grüße & Küsse", "日本語/メール", "R&D", "v1.2", "with \"quotes\"",
           "sp ace ", "percent % star *", "(paren)", "Sent", "Trash", "tilde~ud", "deep/er/and/deeper/still"]
FLAGS = ["", "\\Seen", "\\Seen \\Answered", "\\Flagged", "\\Seen $Forwarded", "work Later", "\\Draft", "\\Deleted \\Seen", "\\Seen NonJunk $label1"]


def messages(corpus):
    for f in sorted(glob.glob(corpus + "/*/*.eml")):
        text = crlf(open(f, "rb").read())
        if text:  # Dovecot takes no empty ones
            yield text
    for mbox in sorted(glob.glob(corpus + "/bulk/*.mbox")):
        for text in re.split(rb"(?m)^From \S* ?.*\n", open(mbox, "rb").read())[1:]:
            yield crlf(text)


def crlf(text):
    return re.sub(rb"\r?\n", b"\r\n", text).replace(b"\0", b"?")


def fill(account, corpus, count):
    for f in FOLDERS:
        if f not in ("INBOX", "Sent", "Trash"):
            account.do("CREATE ", quoted(mutf7(f)))
        if not f.startswith("v1"):
            account.do("SUBSCRIBE ", quoted(mutf7(f)))
    tags = []
    for n, text in enumerate(messages(corpus)):
        if n >= count:
            break
        folder = FOLDERS[0 if n % 2 else n // 2 % len(FOLDERS)]
        date = '"%02d-Feb-%d %02d:%02d:%02d %+03d00"' % (1 + n % 28, 1995 + n % 30, n % 24, n % 60, n * 7 % 60, n % 24 - 12)
        tags.append(account.send("APPEND ", quoted(mutf7(folder)), " (%s) %s {%d+}\r\n" % (FLAGS[n % len(FLAGS)], date, len(text)), text))
        if len(tags) >= 50:
            account.wait(tags.pop(0))
    for t in tags:
        account.wait(t)
    print(n, "messages")


def dump(account, moved):
    """Prints all; moved is without what messages lose on their way over IMAP: UIDs."""
    for name in account.names("LSUB"):
        print("subscribed", name)
    for name in account.names("LIST"):
        state = account.do("EXAMINE ", name)
        validity = next(m[1] for t, _ in state for m in [re.search(r"\[UIDVALIDITY (\d+)\]", t)] if m)
        print("folder", name, "" if moved else validity)
        if any(re.match(r"\* 0 EXISTS", t) for t, _ in state):
            continue
        for text, literals in account.do("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])"):
            if " FETCH " not in text or not literals:
                continue
            flags = re.search(r"FLAGS \(([^)]*)\)", text)[1].split()
            flags = " ".join(sorted(f for f in flags if f != "\\Recent"))
            uid = "" if moved else re.search(r"UID (\d+)", text)[1]
            print(name, uid, "(%s)" % flags, moment(re.search(r'INTERNALDATE "([^"]*)"', text)[1]), len(literals[-1]), hashlib.sha256(literals[-1]).hexdigest()[:16])


def moment(text):
    import datetime
    return datetime.datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


account = Account(*sys.argv[1:4])
if sys.argv[4] == "fill":
    fill(account, sys.argv[5], int(sys.argv[6]))
elif sys.argv[4] == "dump":
    dump(account, "moved" in sys.argv[5:])
else:
    for command in sys.argv[5:]:
        for text, _ in account.do(command):
            print(text)
