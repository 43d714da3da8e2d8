// Runs in Thunderbird, before each step. Elements lie in shadow trees of their own, which deep looks into.
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const win = Services.wm.getMostRecentWindow("mail:3pane");
const deep = (root, selector, found = []) => {
	for (const e of root.querySelectorAll("*")) {
		if (e.matches(selector)) found.push(e);
		if (e.shadowRoot) deep(e.shadowRoot, selector, found);
	}
	return found;
};
const until = async (what, get) => {
	const end = Date.now() + 60000;
	for (;;) {
		const v = get();
		if (v) return v;
		if (Date.now() > end) throw new Error("not within a minute: " + what);
		await new Promise(r => win.setTimeout(r, 50));
	}
};
const visible = selector => deep(win.document, selector).find(e => e.checkVisibility());
const shown = selector => until(selector + " is shown", () => visible(selector));
const enter = async (selector, text) => {
	const e = await shown(selector);
	e.focus();
	e.value = text;
	for (const type of ["input", "change"]) e.dispatchEvent(new win.Event(type, {bubbles: true, composed: true}));
};
const next = async () => (await until("the button to go on", () => visible("#forward:not([disabled])"))).click();
const imap = () => MailServices.accounts.allServers.find(s => s.type == "imap");
const inbox = () => imap().rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
const messages = folder => { try { return Array.from(folder.msgDatabase.enumerateMessages()); } catch (e) { return []; } };
