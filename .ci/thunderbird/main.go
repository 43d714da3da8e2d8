// Command thunderbird has a real Thunderbird set itself up from an address and a password, as a person would, and read
// a message; before that it writes one, if it is told to. It says which servers Thunderbird has found.
//
//	thunderbird -address alice@example.org -password-file FILE -ca FILE -subject Hello [-send bob@example.org]
//
// Thunderbird asks for the settings on the ports 80 and 443 of the domain's hosts, so this belongs in a network
// namespace of its own. Needs the programs thunderbird and certutil (libnss3-tools).
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// prelude is what the steps have at hand.
//
//go:embed setup.js
var prelude string

const marionetteAddress = "127.0.0.1:2828"

func main() {
	address := flag.String("address", "", "the account's address")
	passwordFile := flag.String("password-file", "", "file with its password")
	ca := flag.String("ca", "", "file (PEM) of the certificate authority to trust, if any")
	subject := flag.String("subject", "", "subject of the message to read in INBOX")
	to := flag.String("send", "", "send a message with that subject to this address first")
	flag.Parse()
	if err := run(*address, *passwordFile, *ca, *subject, *to); err != nil {
		fmt.Fprintln(os.Stderr, "thunderbird:", err)
		os.Exit(1)
	}
}

func run(address, passwordFile, ca, subject, to string) error {
	password, err := os.ReadFile(passwordFile)
	if err != nil {
		return err
	}
	profile, err := os.MkdirTemp("", "thunderbird")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	if err := makeProfile(profile, ca); err != nil {
		return err
	}
	program := exec.Command("thunderbird", "--profile", profile, "--headless", "--marionette", "--remote-allow-system-access")
	program.Env = append(os.Environ(), "HOME="+profile)
	if err := program.Start(); err != nil {
		return err
	}
	defer program.Wait()
	defer program.Process.Kill()
	m, err := dialMarionette(marionetteAddress, time.Minute)
	if err != nil {
		return err
	}
	begin := time.Now()
	servers, err := m.setUp(address, strings.TrimSpace(string(password)))
	if err != nil {
		return err
	}
	if to != "" {
		if err := m.send(to, subject); err != nil {
			return err
		}
	}
	text, err := m.readMessage(subject)
	if err != nil {
		return err
	}
	fmt.Printf("incoming %s\noutgoing %s\nread %q after %.1f s\n", servers.Incoming, servers.Outgoing, text, time.Since(begin).Seconds())
	return nil
}

// makeProfile prepares a profile in which nothing is set up and no dialog waits.
func makeProfile(dir, ca string) error {
	prefs := `user_pref("mail.shell.checkDefaultClient", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
`
	if err := os.WriteFile(filepath.Join(dir, "user.js"), []byte(prefs), 0o600); err != nil || ca == "" {
		return err
	}
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "test", "-t", "C,,", "-i", ca}} {
		if out, err := exec.Command("certutil", append(args, "-d", "sql:"+dir)...).CombinedOutput(); err != nil {
			return fmt.Errorf("certutil: %w: %s", err, out)
		}
	}
	return nil
}

// settings are what Thunderbird has found.
type settings struct{ Incoming, Outgoing string }

// setUp goes through the dialog for a new account.
func (m *marionette) setUp(address, password string) (s settings, err error) {
	err = m.script(&s, prelude+`
		await until("the window", () => win.openAccountHub);
		await win.openAccountHub("MAIL");
		await enter("#realName", "Alice");
		await enter("#email", args[0]);
		await next();
		await shown("input[name=config-type][value=imap]");
		await next();
		await enter("#password", args[1]);
		await next();
		await until("the account", () => imap() && MailServices.outgoingServer.servers.length);
		await shown("#accountHubSignatureLink"); // of the page that says that all went well
		await next();
		const security = {[Ci.nsMsgSocketType.SSL]: "TLS", [Ci.nsMsgSocketType.alwaysSTARTTLS]: "STARTTLS"};
		const smtp = MailServices.outgoingServer.servers[0].QueryInterface(Ci.nsISmtpServer);
		const say = (host, port, type, user) => [host + ":" + port, security[type] || "in the clear", user].join(" ");
		return {
			incoming: say(imap().hostname, imap().port, imap().socketType, imap().username),
			outgoing: say(smtp.hostname, smtp.port, smtp.socketType, smtp.username),
		};`, address, password)
	return s, err
}

// send writes a message in a window for it, and waits until the server has taken it.
func (m *marionette) send(to, subject string) error {
	return m.script(nil, prelude+`
		const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
		const params = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
		[fields.to, fields.subject, fields.body] = [args[0], args[1], "Written in Thunderbird."];
		params.composeFields = fields;
		params.format = Ci.nsIMsgCompFormat.PlainText;
		params.identity = MailServices.accounts.allIdentities[0];
		MailServices.compose.OpenComposeWindowWithParams(null, params);
		const compose = () => Services.wm.getMostRecentWindow("msgcompose");
		await until("the window to write in", () => compose() && compose().gMsgCompose && compose().gMsgCompose.editor && compose().document.readyState == "complete");
		const window = compose();
		await until("the button to send", () => !window.document.getElementById("button-send").disabled);
		window.goDoCommand("cmd_sendNow");
		await until("the message is sent", () => window.closed);`, to, subject)
}

// readMessage waits for the message, and returns its text.
func (m *marionette) readMessage(subject string) (text string, err error) {
	err = m.script(&text, prelude+`
		const header = await until("the message", () => {
			inbox().updateFolder(null);
			return messages(inbox()).find(h => h.mime2DecodedSubject == args[0]);
		});
		const uri = inbox().getUriForMsg(header), service = MailServices.messageServiceFromURI(uri);
		const stream = Cc["@mozilla.org/scriptableinputstream;1"].createInstance(Ci.nsIScriptableInputStream);
		let source = "";
		await new Promise((done, failed) => service.streamMessage(uri, {
			QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
			onStartRequest() {},
			onStopRequest(r, status) { Components.isSuccessCode(status) ? done() : failed(new Error("status " + status)); },
			onDataAvailable(r, input, offset, count) { stream.init(input); source += stream.read(count); },
		}, null, null, false, ""));
		return source.slice(source.search(/\r?\n\r?\n/)).trim();`, subject)
	return text, err
}
