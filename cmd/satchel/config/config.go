// Package config owns the configuration file: its keys and what holds without them, what is wrong with a file and where, and
// what its keys mean to the rooms that do the work. It opens no socket and changes nothing but the certificate that satchel
// makes for itself. A Config may be read by many at once.
package config

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

// Config is all that the configuration file can set. Every key is optional; flags of the command line come after it. What
// other keys have a say in, or must be put into the words of another room, is told by a method.
type Config struct {
	Data     string
	Hostname string
	Hide     []server.HideRule

	IMAP, IMAPS, LMTP string
	Auth, Socketmap   string
	HTTPS, HTTP, Web  string
	clientIMAP        web.Service
	clientSMTP        web.Service
	ClientHTTPS       int
	mtaSTS            web.MTASTS
	Metrics           string
	proxies           []string
	cert, key         string
	certificates      []server.KeyPair
	ClientCA          string

	ACME                        acme.Config // but for what follows
	Challenge, Hook, MACKeyFile string

	Domain     string
	iterations int

	tokens     token.Config
	secretFile string

	Message         Size
	Connections     int
	PerAddress      int
	LMTPConnections int
	WebConnections  int
	Recipients      int
	indexMemory     Size
	Messages        int
	SavedMessages   int

	quotaStorage   Size
	quotaMessages  int
	quotaMailboxes int
	quotaGrace     share
	quotaFull      string
	quotaAdmins    []string

	metadata []string

	Index   bool
	extract []extract.Program

	keepExpunged time.Duration
	keepVanished time.Duration
	LoginTimeout time.Duration
	IdleTimeout  time.Duration

	LogLevel  slog.Level
	LogFormat string
}

// Size is a number of bytes, written as a number or as text with a unit: 52428800, "50 MiB".
type Size int64

// Default is what holds without a file.
func Default() *Config {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return &Config{
		Data: "/var/lib/satchel", Hostname: host, Hide: server.DefaultHide(),
		IMAP: ":143", IMAPS: ":993", LMTP: "127.0.0.1:24",
		clientIMAP: web.Service{TLS: 993, STARTTLS: 143}, clientSMTP: web.Service{TLS: 465, STARTTLS: 587},
		ACME: acme.Config{Directory: acme.LetsEncrypt, HookWait: 30 * time.Second}, Challenge: string(acme.HTTP),
		iterations: passwords.DefaultIterations, tokens: token.Config{Claim: "email"},
		Message: 100 << 20, Connections: 10_000, PerAddress: 100, LMTPConnections: 100, WebConnections: 500, Recipients: 1000,
		indexMemory: 256 << 20,
		Messages:    1_000_000,
		quotaGrace:  10, quotaFull: fullReject,
		Index:        true,
		keepExpunged: 14 * wholeDay, keepVanished: 365 * wholeDay, LoginTimeout: time.Minute, IdleTimeout: 30 * time.Minute,
		LogLevel: slog.LevelInfo, LogFormat: "text",
	}
}

// option is a key of the file. field gives where its value is kept: a *string, *[]string, *int, *bool, *Size,
// *share, *time.Duration, *slog.Level, *[]server.HideRule, *[]server.KeyPair or *[]extract.Program.
type option struct {
	key   string
	help  string
	field func(*Config) any
	check func(*Config) error // nil when every value of the type will do
}

// options is the table of keys, in the order in which they are shown.
func options() []option {
	return []option{
		{"data", "the data folder", func(c *Config) any { return &c.Data }, checkData},
		{"hostname", "the name of this host towards clients and in the certificate it makes", func(c *Config) any { return &c.Hostname }, checkHostname},
		{"hide", "capabilities kept from some clients (by ID) or accounts", func(c *Config) any { return &c.Hide }, nil},
		{"listen.imap", `where IMAP with STARTTLS is served, HOST:PORT; "" for nowhere`, func(c *Config) any { return &c.IMAP }, checkAddress(func(c *Config) string { return c.IMAP })},
		{"listen.imaps", `where IMAP over TLS is served, HOST:PORT; "" for nowhere`, func(c *Config) any { return &c.IMAPS }, checkAddress(func(c *Config) string { return c.IMAPS })},
		{"listen.lmtp", `where mail is taken, HOST:PORT or unix:PATH; "" for nowhere`, func(c *Config) any { return &c.LMTP }, checkLocal(func(c *Config) string { return c.LMTP })},
		{"listen.auth", `where an MTA asks who may log in (Dovecot's protocol), HOST:PORT or unix:PATH; "" for nowhere`, func(c *Config) any { return &c.Auth }, checkLocal(func(c *Config) string { return c.Auth })},
		{"listen.socketmap", `where an MTA asks whose an address is (socketmap), HOST:PORT or unix:PATH; "" for nowhere`, func(c *Config) any { return &c.Socketmap }, checkLocal(func(c *Config) string { return c.Socketmap })},
		{"listen.https", `where browsers and the set-up of mail programs are served, HOST:PORT, mostly ":443"; "" for nowhere`, func(c *Config) any { return &c.HTTPS }, checkAddress(func(c *Config) string { return c.HTTPS })},
		{"listen.http", `the same in the clear, HOST:PORT, mostly ":80": it leads to https; "" for nowhere`, func(c *Config) any { return &c.HTTP }, checkAddress(func(c *Config) string { return c.HTTP })},
		{"listen.web", `the same for a web server of this host that passes requests on, HOST:PORT or unix:PATH; "" for nowhere`, func(c *Config) any { return &c.Web }, checkWeb},
		{"listen.metrics", `where Prometheus and what watches over servers ask (/metrics, /health, /ready), HOST:PORT or unix:PATH; "" for nowhere`, func(c *Config) any { return &c.Metrics }, checkLocal(func(c *Config) string { return c.Metrics })},
		{"proxy.from", `networks of load balancers, such as "10.0.0.0/8": connections to IMAP, LMTP, https and http from there must begin with a PROXY header`, func(c *Config) any { return &c.proxies }, checkProxies},
		{"tls.cert", "file of the certificate chain (PEM); without it satchel makes a self-signed one", func(c *Config) any { return &c.cert }, nil},
		{"tls.key", "file of its private key (PEM)", func(c *Config) any { return &c.key }, nil},
		{"tls.certificate", "more certificates, for other names: [[tls.certificate]] tables with cert and key", func(c *Config) any { return &c.certificates }, nil},
		{"tls.client_ca", `file of the CA (PEM) whose client certificates log in with EXTERNAL; "" for none`, func(c *Config) any { return &c.ClientCA }, nil},
		{"clients.imap_host", `the name under which mail programs find IMAP; "" for hostname`, func(c *Config) any { return &c.clientIMAP.Host }, nil},
		{"clients.imaps_port", "its port over TLS, as clients reach it; 0 for none", func(c *Config) any { return &c.clientIMAP.TLS }, isPort(func(c *Config) int { return c.clientIMAP.TLS })},
		{"clients.imap_port", "its port with STARTTLS; 0 for none", func(c *Config) any { return &c.clientIMAP.STARTTLS }, isPort(func(c *Config) int { return c.clientIMAP.STARTTLS })},
		{"clients.smtp_host", `the name under which they find the MTA; "" for hostname`, func(c *Config) any { return &c.clientSMTP.Host }, nil},
		{"clients.submissions_port", "its port over TLS; 0 for none", func(c *Config) any { return &c.clientSMTP.TLS }, isPort(func(c *Config) int { return c.clientSMTP.TLS })},
		{"clients.submission_port", "its port with STARTTLS; 0 for none", func(c *Config) any { return &c.clientSMTP.STARTTLS }, isPort(func(c *Config) int { return c.clientSMTP.STARTTLS })},
		{"clients.https_port", "the port at which browsers reach this server over HTTPS; 0 for that of listen.https, or 443 where it is off", func(c *Config) any { return &c.ClientHTTPS }, isPort(func(c *Config) int { return c.ClientHTTPS })},
		{"mta_sts.mode", `what servers that send mail to your domains are told about TLS (MTA-STS): testing, enforce or none; "" for nothing`, func(c *Config) any { return &c.mtaSTS.Mode }, checkMTASTSMode},
		{"mta_sts.mx", "the hosts that your domains' mail comes to, as in their MX records; [] for hostname alone", func(c *Config) any { return &c.mtaSTS.MX }, checkMTASTSHosts},
		{"acme.email", `e-mail address of your account at a certificate authority: with it satchel gets certificates by itself (ACME), and you agree to the authority's terms; "" for none`, func(c *Config) any { return &c.ACME.Email }, nil},
		{"acme.domains", "the names to get certificates for; [] for hostname alone", func(c *Config) any { return &c.ACME.Names }, nil},
		{"acme.directory", "URL of the authority's directory", func(c *Config) any { return &c.ACME.Directory }, nil},
		{"acme.challenge", "how the authority finds out that a name is yours: http (it asks on port 80), tls-alpn (on port 443) or dns (it looks up a record)", func(c *Config) any { return &c.Challenge }, checkChallengeName},
		{"acme.hook", "with dns, the command that makes and removes the record, with blanks between its arguments", func(c *Config) any { return &c.Hook }, nil},
		{"acme.hook_wait", "with dns, how long name servers need after the command has ended", func(c *Config) any { return &c.ACME.HookWait }, atLeast(func(c *Config) time.Duration { return c.ACME.HookWait }, 0)},
		{"acme.profile", "which of the kinds of certificates that the authority has", func(c *Config) any { return &c.ACME.Profile }, nil},
		{"acme.ca", "file (PEM) of who has signed the authority's own certificate, where the system does not know it", func(c *Config) any { return &c.ACME.CA }, nil},
		{"acme.eab_id", "which account of the authority's the new one is to be bound to, where it wants one", func(c *Config) any { return &c.ACME.KeyID }, nil},
		{"acme.eab_key_file", "file of the key that goes with eab_id, as the authority gave it", func(c *Config) any { return &c.MACKeyFile }, nil},
		{"login.domain", "the domain of names given without one", func(c *Config) any { return &c.Domain }, checkDomain},
		{"login.iterations", "rounds of PBKDF2 for new passwords", func(c *Config) any { return &c.iterations }, atLeast(func(c *Config) int { return c.iterations }, passwords.MinIterations)},
		{"oauth.issuer", `URL of the issuer whose tokens log in with OAUTHBEARER and XOAUTH2; "" for none`, func(c *Config) any { return &c.tokens.Issuer }, nil},
		{"oauth.audience", "whom the tokens must be for; needed unless the issuer is asked about each", func(c *Config) any { return &c.tokens.Audience }, nil},
		{"oauth.claim", "the claim that names the account", func(c *Config) any { return &c.tokens.Claim }, nil},
		{"oauth.client_id", "with it the issuer is asked about each token (RFC 7662)", func(c *Config) any { return &c.tokens.ClientID }, nil},
		{"oauth.client_secret_file", "file of the secret that goes with client_id", func(c *Config) any { return &c.secretFile }, nil},
		{"limits.message", "the largest message taken", func(c *Config) any { return &c.Message }, atLeast(func(c *Config) Size { return c.Message }, 1<<16)},
		{"limits.connections", "IMAP connections in total", func(c *Config) any { return &c.Connections }, atLeast(func(c *Config) int { return c.Connections }, 1)},
		{"limits.connections_per_address", "IMAP connections from one address, loopback excepted", func(c *Config) any { return &c.PerAddress }, atLeast(func(c *Config) int { return c.PerAddress }, 1)},
		{"limits.lmtp_connections", "LMTP connections in total", func(c *Config) any { return &c.LMTPConnections }, atLeast(func(c *Config) int { return c.LMTPConnections }, 1)},
		{"limits.web_connections", "connections to each of https, http and web", func(c *Config) any { return &c.WebConnections }, atLeast(func(c *Config) int { return c.WebConnections }, 1)},
		{"limits.recipients", "recipients of one LMTP message", func(c *Config) any { return &c.Recipients }, atLeast(func(c *Config) int { return c.Recipients }, 1)},
		{"limits.index_memory", "memory for the indexes of mailboxes that nobody has open", func(c *Config) any { return &c.indexMemory }, atLeast(func(c *Config) Size { return c.indexMemory }, 1<<20)},
		{"limits.messages", "messages that one command works on (MESSAGELIMIT, RFC 9738)", func(c *Config) any { return &c.Messages }, atLeast(func(c *Config) int { return c.Messages }, 1000)},
		{"limits.saved_messages", "messages that one command saves (SAVELIMIT, RFC 9738), in place of limits.messages; 0 for no such limit", func(c *Config) any { return &c.SavedMessages }, atLeast(func(c *Config) int { return c.SavedMessages }, 0)},
		{"limits.login_timeout", "how long a client may take to log in", func(c *Config) any { return &c.LoginTimeout }, atLeast(func(c *Config) time.Duration { return c.LoginTimeout }, time.Second)},
		{"limits.idle_timeout", "how long a client may be silent (RFC 3501: at least 30m)", func(c *Config) any { return &c.IdleTimeout }, atLeast(func(c *Config) time.Duration { return c.IdleTimeout }, 30*time.Minute)},
		{"quota.storage", "bytes of mail that an account may have, unless it has a limit of its own (satchel quota); 0 for any number", func(c *Config) any { return &c.quotaStorage }, atLeast(func(c *Config) Size { return c.quotaStorage }, 0)},
		{"quota.messages", "messages that it may have, likewise", func(c *Config) any { return &c.quotaMessages }, atLeast(func(c *Config) int { return c.quotaMessages }, 0)},
		{"quota.mailboxes", "mailboxes that it may have, likewise", func(c *Config) any { return &c.quotaMailboxes }, atLeast(func(c *Config) int { return c.quotaMailboxes }, 0)},
		{"quota.grace", "by how much of a limit mail that arrives may go beyond it", func(c *Config) any { return &c.quotaGrace }, nil},
		{"quota.full", `what an MTA is told of mail for an account that is full: "reject" sends it back, "defer" has it try again`, func(c *Config) any { return &c.quotaFull }, checkFull},
		{"quota.admins", "accounts that may see and set the quotas of all over IMAP (SETQUOTA)", func(c *Config) any { return &c.quotaAdmins }, checkAdmins},
		{"metadata.server", `annotations that every client sees on the server (RFC 5464), each "/shared/NAME VALUE", such as "/shared/admin mailto:postmaster@example.org"`, func(c *Config) any { return &c.metadata }, checkMetadata},
		{"search.index", "keep an index of what messages say; without it searches read the messages", func(c *Config) any { return &c.Index }, nil},
		{"search.extract", `programs that find the text in attachments, each "TYPE/SUBTYPE PROGRAM ARGUMENT ...", such as "application/pdf pdftotext -q - -"`, func(c *Config) any { return &c.extract }, nil},
		{"storage.keep_expunged", "how long expunged messages can be brought back; 0 for as long as clients count them", func(c *Config) any { return &c.keepExpunged }, atLeast(func(c *Config) time.Duration { return c.keepExpunged }, 0)},
		{"storage.keep_vanished", "how long the UIDs of expunged messages are remembered, for clients that come back", func(c *Config) any { return &c.keepVanished }, atLeast(func(c *Config) time.Duration { return c.keepVanished }, time.Hour)},
		{"log.level", "debug, info, warn or error", func(c *Config) any { return &c.LogLevel }, nil},
		{"log.format", "text or json", func(c *Config) any { return &c.LogFormat }, checkFormat},
	}
}
