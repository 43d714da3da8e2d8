// Package web drives the account's page in a real browser, as its owner would on a phone and at a desk. e2e-web.sh starts
// the server; what it is told by the environment is in the variables below.
package web

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

var (
	url      = os.Getenv("URL")      // of the page, such as https://localhost:1443
	user     = os.Getenv("ACCOUNT")  // that exists
	password = os.Getenv("PASSWORD") // of it
	shots    = os.Getenv("SHOTS")    // folder for the screenshots
)

// tab is one of the browser's.
type tab struct {
	*testing.T
	ctx context.Context
}

func open(t *testing.T) tab {
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.IgnoreCertErrors)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 50*time.Second)
	t.Cleanup(cancel)
	return tab{t, ctx}
}

// do fails the test when a step does.
func (t tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(t.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// find fails the test when nothing is found.
func find[T any](t tab, action chromedp.Action[T]) T {
	t.Helper()
	found, err := chromedp.Run(t.ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// css is a selector of one element.
type css = chromedp.CSS

// says waits until the element's text has the words.
func (t tab) says(selector css, words string) {
	t.Helper()
	t.do(chromedp.WaitVisible(selector))
	if text := find(t, chromedp.Text(selector)); !strings.Contains(text, words) {
		t.Fatalf("%s says %q, not %q", selector, text, words)
	}
}

func (t tab) logIn(password string) {
	t.Helper()
	t.do(
		chromedp.Navigate(url),
		chromedp.SendKeys(css("#user"), user),
		chromedp.SendKeys(css("#password"), password+"\r"),
		chromedp.WaitVisible(css(".failure, .rows")),
	)
}

// shoot looks at the page on a phone and at a desk, by day and by night: everything fits, has a name, and can be read.
func (t tab) shoot(name string) {
	t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
		mobile        bool
		scheme        string
	}{{"desk", 1280, 900, false, "light"}, {"phone", 390, 844, true, "dark"}, {"phone-light", 390, 844, true, "light"}, {"narrow", 320, 600, true, "light"}} {
		_, err := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: size.scheme}}})
		if err != nil {
			t.Fatal(err)
		}
		t.do(chromedp.EmulateViewport(size.width, size.height, func(p *emulation.SetDeviceMetricsOverrideParams, _ *emulation.SetTouchEmulationEnabledParams) {
			p.Mobile = size.mobile
		}))
		wide := find(t, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		nameless := find(t, chromedp.Evaluate[[]string](namelessFields))
		faint := find(t, chromedp.Evaluate[[]string](faintTexts))
		if wide > size.width {
			t.Errorf("%s, %s: %d pixels wide", name, size.name, wide)
		}
		if len(nameless)+len(faint) > 0 {
			t.Errorf("%s, %s: fields without a label %q, text that is hard to read %q", name, size.name, nameless, faint)
		}
		t.write(fmt.Sprintf("%s-%s.png", name, size.name), find(t, chromedp.FullScreenshot(100)))
	}
}

func (t tab) write(name string, b []byte) string {
	t.Helper()
	path := filepath.Join(shots, name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// namelessFields finds fields and buttons that a screen reader has no name for.
const namelessFields = `[...document.querySelectorAll("input:not([type=hidden]), button, summary, svg[role=img]")]
	.filter(e => !(e.labels && e.labels.length || e.textContent.trim() || e.getAttribute("aria-label"))).map(e => e.outerHTML)`

// faintTexts finds texts whose contrast to what is behind them is below 4.5 (WCAG 2.2, 1.4.3).
const faintTexts = `(() => {
	const channels = c => c.match(/[\d.]+/g).map(Number);
	const light = c => channels(c).slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const solid = c => channels(c).length < 4 || channels(c)[3] > 0;
	const behind = e => !e ? "rgb(255,255,255)" : solid(getComputedStyle(e).backgroundColor) ? getComputedStyle(e).backgroundColor : behind(e.parentElement);
	const contrast = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
	return [...document.querySelectorAll("body *")]
		.filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()))
		.filter(e => contrast(getComputedStyle(e).color, behind(e)) < 4.5).map(e => e.outerHTML.slice(0, 120));
})()`

// TestOwner: an owner logs in, adds a phone, which the phone reads off the screen and then gets mail with, takes its
// password back, gets deleted mail back, and leaves.
func TestOwner(t *testing.T) {
	tab := open(t)
	tab.do(chromedp.Navigate(url))
	tab.shoot("1-login")
	tab.logIn("wrong")
	tab.says(".failure", "The name or the password is wrong")
	tab.shoot("2-wrong")
	tab.logIn(password)
	tab.says("h1", user)

	tab.do(
		chromedp.SendKeys(css("#label"), "Phone"),
		chromedp.SendKeys(css("#name"), "Alice Archer"),
		chromedp.Click(css(".add button")),
		chromedp.WaitVisible(css(".secret")),
	)
	tab.shoot("3-device")
	secret := find(tab, chromedp.Text(css(".secret code")))
	account := tab.scan()
	if account.user != user || account.password != secret || account.name != "Alice Archer" {
		t.Errorf("the code says %+v", account)
	}
	if !account.logsIn(t) {
		t.Error("what the phone has read does not log in")
	}
	if profile := tab.fetch("/device/profile"); !strings.Contains(profile, secret) || !strings.Contains(profile, "com.apple.mail.managed") {
		t.Error("the profile does not set the phone up")
	}

	phone := account.connect(t)
	tab.do(chromedp.Navigate(url+"/account"), chromedp.WaitVisible(css(".rows")))
	tab.says(".rows", "Phone")
	tab.says("main", "by the password of “Phone”")
	tab.do(chromedp.Click(css("details.act summary")), chromedp.WaitVisible(css(".danger")))
	tab.shoot("4-account")
	tab.do(chromedp.Click(css(`button[aria-label="End the session of Pocket 7"]`)), chromedp.WaitVisible(css(".notice")))
	tab.says(".notice", "The session has ended")
	if said, _ := io.ReadAll(phone); !strings.Contains(string(said), "* BYE Disconnected by the owner of the account") {
		t.Errorf("the phone was told %q", said)
	}
	phone = account.connect(t)
	tab.do(chromedp.Click(css("details.act summary")), chromedp.WaitVisible(css(".danger")),
		chromedp.Click(css(".danger")), chromedp.WaitNotPresent(css("details.act")))
	tab.says(".notice", "no longer works")
	if said, _ := io.ReadAll(phone); !strings.Contains(string(said), "* BYE The password was revoked") {
		t.Errorf("the phone was told %q", said)
	}
	if account.logsIn(t) {
		t.Error("a password that was revoked logs in")
	}
	tab.do(chromedp.Click(css(`a[href="/deleted"]`)), chromedp.WaitVisible(css("label.pick")))
	tab.shoot("5-deleted")
	tab.do(chromedp.Click(css("label.pick")), chromedp.Click(css(`form[action="/deleted/back"] button`)), chromedp.WaitVisible(css(".notice")))
	tab.says(".notice", "1 message is back, in INBOX.")
	tab.do(chromedp.Click(css(`a[href="/account"]`)), chromedp.WaitVisible(css("meter")),
		chromedp.Click(css(`a[href="/password"]`)), chromedp.WaitVisible(css("#new")))
	tab.shoot("6-password")
	tab.do(chromedp.Click(css("header button")), chromedp.WaitVisible(css("#password")),
		chromedp.NavigateBack(), chromedp.WaitVisible(css("form[action='/login']")), // what was seen stays hidden
		chromedp.Navigate(url+"/account"), chromedp.WaitVisible(css("#password")))
}

// scanned is what a phone learns from the code.
type scanned struct {
	host           string
	port           int
	user, password string
	name           string
}

// scan reads the code off the screen.
func (t tab) scan() (s scanned) {
	t.Helper()
	shot := find(t, chromedp.Screenshot(css(".code")))
	out, err := exec.Command("zbarimg", "--quiet", "--raw", t.write("code.png", shot)).Output()
	if err != nil {
		t.Fatalf("no code can be read: %v", err)
	}
	var text []any
	if err := json.Unmarshal(out, &text); err != nil || len(text) != 4 {
		t.Fatalf("the code says %s", out)
	}
	in := text[2].([]any)
	identity := text[3].([]any)[0].([]any)[1].([]any)
	return scanned{in[1].(string), int(in[2].(float64)), in[5].(string), in[7].(string), identity[1].(string)}
}

// dial reaches IMAP where the code says.
func (s scanned) dial(t *testing.T) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", fmt.Sprintf("%s:%d", s.host, s.port), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn
}

// logsIn reports whether IMAP takes what was scanned.
func (s scanned) logsIn(t *testing.T) bool {
	t.Helper()
	conn := s.dial(t)
	defer conn.Close()
	fmt.Fprintf(conn, "a LOGIN %q %q\r\nb LOGOUT\r\n", s.user, s.password)
	answer, _ := io.ReadAll(conn)
	return strings.Contains(string(answer), "\na OK")
}

// connect is a phone that stays, and says what it is.
func (s scanned) connect(t *testing.T) io.Reader {
	t.Helper()
	conn := s.dial(t)
	fmt.Fprintf(conn, "a LOGIN %q %q\r\nb ID (\"name\" \"Pocket\" \"version\" \"7\")\r\n", s.user, s.password)
	in := bufio.NewReader(conn)
	for line := ""; !strings.HasPrefix(line, "b OK"); {
		var err error
		if line, err = in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

// fetch gets a page with the browser's cookies.
func (t tab) fetch(path string) string {
	t.Helper()
	r, err := http.NewRequest("GET", url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := chromedp.Call(t.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
