package main

import (
	"log/slog"
	"os"
	"time"

	"satchel/backend/extract"
	"satchel/backend/passwords"
	"satchel/backend/token"
	"satchel/server"
	"satchel/server/acme"
	"satchel/server/web"
)

// config is all that the configuration file can set. Every key is optional; flags of the command line come after it.
type config struct {
	data     string
	hostname string
	hide     []server.HideRule

	imap, imaps, lmtp string
	auth, socketmap   string
	https, http, web  string
	clientIMAP        web.Service
	clientSMTP        web.Service
	clientHTTPS       int
	mtaSTS            web.MTASTS
	metrics           string
	proxies           []string
	cert, key         string
	certificates      []server.KeyPair
	clientCA          string

	acme                        acme.Config // but for what follows
	challenge, hook, macKeyFile string

	domain     string
	iterations int

	tokens     token.Config
	secretFile string

	message     size
	connections int
	perAddress  int
	lmtpConns   int
	webConns    int
	recipients  int
	indexMemory size
	messages    int
	saves       int

	quotaStorage   size
	quotaMessages  int
	quotaMailboxes int
	quotaGrace     share
	quotaFull      string
	quotaAdmins    []string

	metadata []string

	index   bool
	extract []extract.Program

	keepExpunged time.Duration
	keepVanished time.Duration
	loginTimeout time.Duration
	idleTimeout  time.Duration

	logLevel  slog.Level
	logFormat string
}

// size is a number of bytes, written as a number or as text with a unit: 52428800, "50 MiB".
type size int64

// defaultConfig is what holds without a file.
func defaultConfig() *config {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return &config{
		data: "/var/lib/satchel", hostname: host, hide: server.DefaultHide(),
		imap: ":143", imaps: ":993", lmtp: "127.0.0.1:24",
		clientIMAP: web.Service{TLS: 993, STARTTLS: 143}, clientSMTP: web.Service{TLS: 465, STARTTLS: 587},
		acme: acme.Config{Directory: acme.LetsEncrypt, HookWait: 30 * time.Second}, challenge: string(acme.HTTP),
		iterations: passwords.DefaultIterations, tokens: token.Config{Claim: "email"},
		message: 100 << 20, connections: 10_000, perAddress: 100, lmtpConns: 100, webConns: 500, recipients: 1000,
		indexMemory: 256 << 20,
		messages:    1_000_000,
		quotaGrace:  10, quotaFull: fullReject,
		index:        true,
		keepExpunged: 14 * wholeDay, keepVanished: 365 * wholeDay, loginTimeout: time.Minute, idleTimeout: 30 * time.Minute,
		logLevel: slog.LevelInfo, logFormat: "text",
	}
}

// option is a key of the file. field gives where its value is kept: a *string, *[]string, *int, *bool, *size,
// *share, *time.Duration, *slog.Level, *[]server.HideRule, *[]server.KeyPair or *[]extract.Program.
type option struct {
	key   string
	help  string
	field func(*config) any
	check func(*config) error // nil when every value of the type will do
}

// options is the table of keys, in the order in which they are shown.
func options() []option {
	return []option{
		{"data", "the data folder", func(c *config) any { return &c.data }, checkData},
		{"hostname", "the name of this host towards clients and in the certificate it makes", func(c *config) any { return &c.hostname }, checkHostname},
		{"hide", "capabilities kept from some clients (by ID) or accounts", func(c *config) any { return &c.hide }, nil},
		{"listen.imap", `where IMAP with STARTTLS is served, HOST:PORT; "" for nowhere`, func(c *config) any { return &c.imap }, checkAddress(func(c *config) string { return c.imap })},
		{"listen.imaps", `where IMAP over TLS is served, HOST:PORT; "" for nowhere`, func(c *config) any { return &c.imaps }, checkAddress(func(c *config) string { return c.imaps })},
		{"listen.lmtp", `where mail is taken, HOST:PORT or unix:PATH; "" for nowhere`, func(c *config) any { return &c.lmtp }, checkLocal(func(c *config) string { return c.lmtp })},
		{"listen.auth", `where an MTA asks who may log in (Dovecot's protocol), HOST:PORT or unix:PATH; "" for nowhere`, func(c *config) any { return &c.auth }, checkLocal(func(c *config) string { return c.auth })},
		{"listen.socketmap", `where an MTA asks whose an address is (socketmap), HOST:PORT or unix:PATH; "" for nowhere`, func(c *config) any { return &c.socketmap }, checkLocal(func(c *config) string { return c.socketmap })},
		{"listen.https", `where browsers and the set-up of mail programs are served, HOST:PORT, mostly ":443"; "" for nowhere`, func(c *config) any { return &c.https }, checkAddress(func(c *config) string { return c.https })},
		{"listen.http", `the same in the clear, HOST:PORT, mostly ":80": it leads to https; "" for nowhere`, func(c *config) any { return &c.http }, checkAddress(func(c *config) string { return c.http })},
		{"listen.web", `the same for a web server of this host that passes requests on, HOST:PORT or unix:PATH; "" for nowhere`, func(c *config) any { return &c.web }, checkWeb},
		{"listen.metrics", `where Prometheus and what watches over servers ask (/metrics, /health, /ready), HOST:PORT or unix:PATH; "" for nowhere`, func(c *config) any { return &c.metrics }, checkLocal(func(c *config) string { return c.metrics })},
		{"proxy.from", `networks of load balancers, such as "10.0.0.0/8": connections to IMAP, LMTP, https and http from there must begin with a PROXY header`, func(c *config) any { return &c.proxies }, checkProxies},
		{"tls.cert", "file of the certificate chain (PEM); without it satchel makes a self-signed one", func(c *config) any { return &c.cert }, nil},
		{"tls.key", "file of its private key (PEM)", func(c *config) any { return &c.key }, nil},
		{"tls.certificate", "more certificates, for other names: [[tls.certificate]] tables with cert and key", func(c *config) any { return &c.certificates }, nil},
		{"tls.client_ca", `file of the CA (PEM) whose client certificates log in with EXTERNAL; "" for none`, func(c *config) any { return &c.clientCA }, nil},
		{"clients.imap_host", `the name under which mail programs find IMAP; "" for hostname`, func(c *config) any { return &c.clientIMAP.Host }, nil},
		{"clients.imaps_port", "its port over TLS, as clients reach it; 0 for none", func(c *config) any { return &c.clientIMAP.TLS }, isPort(func(c *config) int { return c.clientIMAP.TLS })},
		{"clients.imap_port", "its port with STARTTLS; 0 for none", func(c *config) any { return &c.clientIMAP.STARTTLS }, isPort(func(c *config) int { return c.clientIMAP.STARTTLS })},
		{"clients.smtp_host", `the name under which they find the MTA; "" for hostname`, func(c *config) any { return &c.clientSMTP.Host }, nil},
		{"clients.submissions_port", "its port over TLS; 0 for none", func(c *config) any { return &c.clientSMTP.TLS }, isPort(func(c *config) int { return c.clientSMTP.TLS })},
		{"clients.submission_port", "its port with STARTTLS; 0 for none", func(c *config) any { return &c.clientSMTP.STARTTLS }, isPort(func(c *config) int { return c.clientSMTP.STARTTLS })},
		{"clients.https_port", "the port at which browsers reach this server over HTTPS; 0 for that of listen.https, or 443 where it is off", func(c *config) any { return &c.clientHTTPS }, isPort(func(c *config) int { return c.clientHTTPS })},
		{"mta_sts.mode", `what servers that send mail to your domains are told about TLS (MTA-STS): testing, enforce or none; "" for nothing`, func(c *config) any { return &c.mtaSTS.Mode }, checkMTASTSMode},
		{"mta_sts.mx", "the hosts that your domains' mail comes to, as in their MX records; [] for hostname alone", func(c *config) any { return &c.mtaSTS.MX }, checkMTASTSHosts},
		{"acme.email", `e-mail address of your account at a certificate authority: with it satchel gets certificates by itself (ACME), and you agree to the authority's terms; "" for none`, func(c *config) any { return &c.acme.Email }, nil},
		{"acme.domains", "the names to get certificates for; [] for hostname alone", func(c *config) any { return &c.acme.Names }, nil},
		{"acme.directory", "URL of the authority's directory", func(c *config) any { return &c.acme.Directory }, nil},
		{"acme.challenge", "how the authority finds out that a name is yours: http (it asks on port 80), tls-alpn (on port 443) or dns (it looks up a record)", func(c *config) any { return &c.challenge }, checkChallengeName},
		{"acme.hook", "with dns, the command that makes and removes the record, with blanks between its arguments", func(c *config) any { return &c.hook }, nil},
		{"acme.hook_wait", "with dns, how long name servers need after the command has ended", func(c *config) any { return &c.acme.HookWait }, atLeast(func(c *config) time.Duration { return c.acme.HookWait }, 0)},
		{"acme.profile", "which of the kinds of certificates that the authority has", func(c *config) any { return &c.acme.Profile }, nil},
		{"acme.ca", "file (PEM) of who has signed the authority's own certificate, where the system does not know it", func(c *config) any { return &c.acme.CA }, nil},
		{"acme.eab_id", "which account of the authority's the new one is to be bound to, where it wants one", func(c *config) any { return &c.acme.KeyID }, nil},
		{"acme.eab_key_file", "file of the key that goes with eab_id, as the authority gave it", func(c *config) any { return &c.macKeyFile }, nil},
		{"login.domain", "the domain of names given without one", func(c *config) any { return &c.domain }, checkDomain},
		{"login.iterations", "rounds of PBKDF2 for new passwords", func(c *config) any { return &c.iterations }, atLeast(func(c *config) int { return c.iterations }, passwords.MinIterations)},
		{"oauth.issuer", `URL of the issuer whose tokens log in with OAUTHBEARER and XOAUTH2; "" for none`, func(c *config) any { return &c.tokens.Issuer }, nil},
		{"oauth.audience", "whom the tokens must be for; needed unless the issuer is asked about each", func(c *config) any { return &c.tokens.Audience }, nil},
		{"oauth.claim", "the claim that names the account", func(c *config) any { return &c.tokens.Claim }, nil},
		{"oauth.client_id", "with it the issuer is asked about each token (RFC 7662)", func(c *config) any { return &c.tokens.ClientID }, nil},
		{"oauth.client_secret_file", "file of the secret that goes with client_id", func(c *config) any { return &c.secretFile }, nil},
		{"limits.message", "the largest message taken", func(c *config) any { return &c.message }, atLeast(func(c *config) size { return c.message }, 1<<16)},
		{"limits.connections", "IMAP connections in total", func(c *config) any { return &c.connections }, atLeast(func(c *config) int { return c.connections }, 1)},
		{"limits.connections_per_address", "IMAP connections from one address, loopback excepted", func(c *config) any { return &c.perAddress }, atLeast(func(c *config) int { return c.perAddress }, 1)},
		{"limits.lmtp_connections", "LMTP connections in total", func(c *config) any { return &c.lmtpConns }, atLeast(func(c *config) int { return c.lmtpConns }, 1)},
		{"limits.web_connections", "connections to each of https, http and web", func(c *config) any { return &c.webConns }, atLeast(func(c *config) int { return c.webConns }, 1)},
		{"limits.recipients", "recipients of one LMTP message", func(c *config) any { return &c.recipients }, atLeast(func(c *config) int { return c.recipients }, 1)},
		{"limits.index_memory", "memory for the indexes of mailboxes that nobody has open", func(c *config) any { return &c.indexMemory }, atLeast(func(c *config) size { return c.indexMemory }, 1<<20)},
		{"limits.messages", "messages that one command works on (MESSAGELIMIT, RFC 9738)", func(c *config) any { return &c.messages }, atLeast(func(c *config) int { return c.messages }, 1000)},
		{"limits.saved_messages", "messages that one command saves (SAVELIMIT, RFC 9738), in place of limits.messages; 0 for no such limit", func(c *config) any { return &c.saves }, atLeast(func(c *config) int { return c.saves }, 0)},
		{"limits.login_timeout", "how long a client may take to log in", func(c *config) any { return &c.loginTimeout }, atLeast(func(c *config) time.Duration { return c.loginTimeout }, time.Second)},
		{"limits.idle_timeout", "how long a client may be silent (RFC 3501: at least 30m)", func(c *config) any { return &c.idleTimeout }, atLeast(func(c *config) time.Duration { return c.idleTimeout }, 30*time.Minute)},
		{"quota.storage", "bytes of mail that an account may have, unless it has a limit of its own (satchel quota); 0 for any number", func(c *config) any { return &c.quotaStorage }, atLeast(func(c *config) size { return c.quotaStorage }, 0)},
		{"quota.messages", "messages that it may have, likewise", func(c *config) any { return &c.quotaMessages }, atLeast(func(c *config) int { return c.quotaMessages }, 0)},
		{"quota.mailboxes", "mailboxes that it may have, likewise", func(c *config) any { return &c.quotaMailboxes }, atLeast(func(c *config) int { return c.quotaMailboxes }, 0)},
		{"quota.grace", "by how much of a limit mail that arrives may go beyond it", func(c *config) any { return &c.quotaGrace }, nil},
		{"quota.full", `what an MTA is told of mail for an account that is full: "reject" sends it back, "defer" has it try again`, func(c *config) any { return &c.quotaFull }, checkFull},
		{"quota.admins", "accounts that may see and set the quotas of all over IMAP (SETQUOTA)", func(c *config) any { return &c.quotaAdmins }, checkAdmins},
		{"metadata.server", `annotations that every client sees on the server (RFC 5464), each "/shared/NAME VALUE", such as "/shared/admin mailto:postmaster@example.org"`, func(c *config) any { return &c.metadata }, checkMetadata},
		{"search.index", "keep an index of what messages say; without it searches read the messages", func(c *config) any { return &c.index }, nil},
		{"search.extract", `programs that find the text in attachments, each "TYPE/SUBTYPE PROGRAM ARGUMENT ...", such as "application/pdf pdftotext -q - -"`, func(c *config) any { return &c.extract }, nil},
		{"storage.keep_expunged", "how long expunged messages can be brought back; 0 for as long as clients count them", func(c *config) any { return &c.keepExpunged }, atLeast(func(c *config) time.Duration { return c.keepExpunged }, 0)},
		{"storage.keep_vanished", "how long the UIDs of expunged messages are remembered, for clients that come back", func(c *config) any { return &c.keepVanished }, atLeast(func(c *config) time.Duration { return c.keepVanished }, time.Hour)},
		{"log.level", "debug, info, warn or error", func(c *config) any { return &c.logLevel }, nil},
		{"log.format", "text or json", func(c *config) any { return &c.logFormat }, checkFormat},
	}
}
