package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"satchel/backend"
	"satchel/cmd/satchel/config"
	"satchel/server"
	"satchel/server/control"
	"satchel/storage"
)

// setup is what a new server needs to be told.
type setup struct {
	host     string // by which clients reach it
	account  string // the first one's address
	password string
	owner    string // of a data folder that root makes
	web      string // where it is reached over HTTP: a word of setup_web.go
	acme     string // address for Let's Encrypt, "" for a certificate of satchel's own
	boxed    bool   // in a container, which says itself what its ports are to others
}

func (p *program) setupCommand() *cobra.Command {
	var s setup
	var fromStdin, yes bool
	c := &cobra.Command{
		Use:   "setup",
		Short: "Set up a new server: its configuration file, data folder and first account",
		Long: "Asks for the name of the host, the address of the first account and its password, and for an address for Let's\n" +
			"Encrypt, unless flags tell them, and writes a configuration file of a few lines. It never replaces a file that says\n" +
			"something else. Run by root it makes the data folder the user satchel's, under whom the service runs.\n\n" +
			"Mail programs set themselves up, and people look after their accounts, over HTTPS: on the ports 443 and 80 where\n" +
			"they are free (--web on), otherwise behind the web server that has them (--web behind), or not at all (--web off).\n\n" +
			"The certificate comes from Let's Encrypt where there is an address for that, or else is satchel's own, which mail\n" +
			"programs warn of.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := mayWrite(p.setupFile()); err != nil {
				return err
			}
			if err := p.askSetup(cmd.Context(), &s, fromStdin, yes); err != nil {
				return err
			}
			return p.setUp(cmd, &s)
		},
	}
	f := c.Flags()
	f.StringVar(&s.host, "host", "", "the name of this host, such as mail.example.org")
	f.StringVar(&s.account, "account", "", "the address of the first account, such as alice@example.org")
	f.StringVar(&s.owner, "user", "satchel", "whose a new data folder is when root makes it, if there is such a user")
	f.StringVar(&s.web, "web", "", "on, behind or off: whether HTTPS is served (default on, or behind where the ports are taken)")
	f.StringVar(&s.acme, "acme-email", "", "your address, with which Let's Encrypt gives a certificate; you agree to its terms (default none)")
	f.BoolVar(&yes, "yes", false, "take this system's name for that of the host without asking")
	f.BoolVar(&s.boxed, "container", false, "for a container: listen on ports that need no right, at every address")
	mayBeEmpty(c, "acme-email")                      // none
	c.MarkFlagsMutuallyExclusive("container", "web") // what is served is what is published
	passwordFlag(c, &fromStdin)
	return c
}

// setUp writes the file, makes the folder and the account, in this order: root gives its rights away for the account.
func (p *program) setUp(cmd *cobra.Command, s *setup) error {
	p.configPath = p.setupFile()
	if p.dataFlag != "" {
		var err error
		if p.dataFlag, err = filepath.Abs(p.dataFlag); err != nil {
			return err
		}
	}
	if err := writeNew(p.configPath, s.file(p.dataFlag)); err != nil {
		return err
	}
	c, err := p.config()
	if err != nil {
		return err
	}
	if err := makeDataFolder(c.Data, s.owner); err != nil {
		return withCure(fmt.Errorf("data folder: %w", err), c.Data)
	}
	_, err = control.Dial(c.Data)
	running := err == nil
	err = p.withAdmin(cmd.Context(), true, func(a control.Admin) error {
		_, err := a.AddAccount(s.account, s.password)
		return err
	})
	switch {
	case errors.Is(err, backend.ErrExists):
		return fmt.Errorf("this host is set up: %s and the account %s are there already; \"satchel account passwd\" changes its password", p.configPath, s.account)
	case err != nil:
		return err
	}
	return s.sayNext(p, c, running)
}

// setupFile is the file to write.
func (p *program) setupFile() string { return cmp.Or(p.configPath, standardConfig) }

// check says what is wrong before anything is written, and brings the names into their canonical spelling.
func (s *setup) check() error {
	if err := s.checkHost(); err != nil {
		return err
	}
	if err := s.checkAccount(s.password); err != nil {
		return err
	}
	if err := s.checkACME(); err != nil {
		return err
	}
	return s.chooseWeb()
}

func (s *setup) checkHost() error {
	if s.host = strings.ToLower(strings.TrimSuffix(s.host, ".")); !server.IsHostName(s.host) {
		return fmt.Errorf("%q is not the name of a host; one like mail.example.org is needed", s.host)
	}
	return nil
}

func (s *setup) checkAccount(password string) (err error) {
	if s.account, err = backend.CheckAccount(s.account, password); err == nil && s.domain() == "" {
		err = fmt.Errorf("%q has no domain; an address like alice@example.org is needed", s.account)
	}
	return err
}

// checkACME says whether the file will be right.
func (s *setup) checkACME() error {
	c := config.Default()
	c.Hostname, c.ACME.Email = s.host, s.acme
	_, err := c.CheckACME(func(string) bool { return false })
	return err
}

func (s *setup) domain() string {
	_, domain, _ := strings.Cut(s.account, "@")
	return domain
}

// file is the configuration. data is the flag, "" for the folder that is not worth a line.
func (s *setup) file(data string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Every key is optional; \"satchel config\" prints them all, with what holds.\nhostname = %s\n", config.Quote(s.host))
	if data != "" {
		fmt.Fprintf(&b, "data = %s\n", config.Quote(data))
	}
	b.WriteString(s.listenKeys())
	if s.acme != "" {
		fmt.Fprintf(&b, "\n[acme]\nemail = %s # Let's Encrypt gives the certificate, by its terms\n", config.Quote(s.acme))
	}
	fmt.Fprintf(&b, "\n[login]\ndomain = %s # who gives a name without one is of this domain\n", config.Quote(s.domain()))
	return b.Bytes()
}

// mayWrite spares somebody who may not write the file the questions.
func mayWrite(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil // what it says is looked at later
	}
	dir := filepath.Dir(path)
	for _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	if err := unix.Access(dir, unix.W_OK); err != nil {
		return fmt.Errorf("%s cannot be written: %w; run this as root (sudo satchel setup), or name another file with --config", path, err)
	}
	return nil
}

// writeNew makes a file that everybody may read. One that is there already is left alone; that is an error unless it
// says the same, as after a setup that was interrupted.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
			return nil
		}
		return alreadySetUp(path)
	}
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Chmod(0o644), f.Close())
}

func alreadySetUp(path string) error {
	return fmt.Errorf("%s is there already: this host is set up; \"satchel account add\" adds an account", path)
}

// makeDataFolder makes a folder that is missing. If root does, it is the user's, where there is one of that name.
func makeDataFolder(path, owner string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := os.Mkdir(path, 0o700)
	if err == nil {
		err = storage.SyncFile(filepath.Dir(path)) // what will be in it is not to go with the power
	}
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	u, err := user.Lookup(owner)
	if err != nil {
		return nil // root's, as whoever runs the server without a user of its own wants it
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	return os.Chown(path, uid, gid)
}
