package imapsync

import (
	"path"
	"slices"
	"strings"

	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// usualNames are what folders with a use are called where the server does not tell their use, in lower case.
var usualNames = map[string]string{
	"sent": `\Sent`, "sent items": `\Sent`, "sent messages": `\Sent`, "sent mail": `\Sent`, "sent-mail": `\Sent`,
	"gesendet": `\Sent`, "gesendete elemente": `\Sent`, "gesendete objekte": `\Sent`, "envoyés": `\Sent`, "éléments envoyés": `\Sent`,
	"enviados": `\Sent`, "elementos enviados": `\Sent`, "posta inviata": `\Sent`, "verzonden": `\Sent`, "verzonden items": `\Sent`,
	"drafts": `\Drafts`, "draft": `\Drafts`, "entwürfe": `\Drafts`, "brouillons": `\Drafts`, "borradores": `\Drafts`, "bozze": `\Drafts`, "concepten": `\Drafts`,
	"trash": `\Trash`, "deleted items": `\Trash`, "deleted messages": `\Trash`, "deleted": `\Trash`, "papierkorb": `\Trash`,
	"gelöschte elemente": `\Trash`, "gelöschte objekte": `\Trash`, "corbeille": `\Trash`, "éléments supprimés": `\Trash`, "papelera": `\Trash`,
	"elementos eliminados": `\Trash`, "cestino": `\Trash`, "prullenbak": `\Trash`, "verwijderde items": `\Trash`,
	"junk": `\Junk`, "spam": `\Junk`, "junk e-mail": `\Junk`, "junk email": `\Junk`, "bulk mail": `\Junk`, "junk-e-mail": `\Junk`,
	"spamverdacht": `\Junk`, "indésirables": `\Junk`, "courrier indésirable": `\Junk`, "correo no deseado": `\Junk`, "ongewenste e-mail": `\Junk`,
	"archive": `\Archive`, "archives": `\Archive`, "archiv": `\Archive`, "archivo": `\Archive`, "archivio": `\Archive`, "archief": `\Archive`,
}

// findUses gives folders of the top level the use that their names tell, where no folder has it by the server's word.
func findUses(list []imapclient.Folder) {
	told := map[string]bool{}
	for i := range list {
		told[list[i].SpecialUse] = true
	}
	for i := range list {
		if use := usualNames[strings.ToLower(list[i].Name)]; use != "" && list[i].SpecialUse == "" && !told[use] {
			list[i].SpecialUse = use
		}
	}
}

// folderNames says where the server's folders go.
type folderNames struct {
	to    *Options
	byUse map[string]string // the account's folder with a use
	moved map[string]string // a folder with a use, and where it goes
}

// newFolderNames looks at both sides.
func newFolderNames(to *Options, list []imapclient.Folder, local []control.Mailbox) *folderNames {
	n := &folderNames{to: to, byUse: map[string]string{}, moved: map[string]string{}}
	for _, m := range local {
		if m.SpecialUse != "" && m.Exists && to.Merge {
			n.byUse[m.SpecialUse] = m.Name
		}
	}
	findUses(list)
	for i := range list {
		if target := n.byUse[list[i].SpecialUse]; target != "" {
			n.moved[list[i].Name] = target
		}
	}
	return n
}

// target is the name here of a folder there. What is below a folder that is merged into another goes below that.
func (n *folderNames) target(f *imapclient.Folder) string {
	for above := f.Name; above != ""; above = parent(above) {
		if target := n.moved[above]; target != "" {
			return target + f.Name[len(above):]
		}
	}
	return n.to.Name(f.Name)
}

// parent is the name one level up, "" at the top.
func parent(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] }

// use is the use that a folder gets if it is made.
func use(f *imapclient.Folder) string {
	switch f.SpecialUse {
	case `\All`, `\Flagged`, `\Important`:
		return "" // views of other folders, where they come from
	}
	return f.SpecialUse
}

// chosen reports whether a folder is wanted, and why not if it was not asked for by name and only repeats what is in
// others.
func (o *Options) chosen(f *imapclient.Folder, gmail bool) (yes bool, why string) {
	if under(o.Exclude, f.Name) {
		return false, ""
	}
	if len(o.Folders) > 0 {
		return under(o.Folders, f.Name), ""
	}
	switch {
	case f.SpecialUse == `\All` && gmail:
		return true, ""
	case f.SpecialUse == `\All`, f.SpecialUse == `\Flagged`, f.SpecialUse == `\Important`:
		return false, "its messages are in other folders too; --folder takes it all the same"
	}
	return true, ""
}

// literal takes the meaning of what has one for path.Match and none in a pattern here: Gmail has folders with brackets.
var literal = strings.NewReplacer(`\`, `\\`, `[`, `\[`)

// under reports whether a name, or one above it, matches one of the patterns.
func under(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) })
}

func matches(pattern, name string) bool {
	if strings.EqualFold(pattern, "INBOX") { // RFC 3501, 5.1
		pattern = "INBOX"
	}
	pattern = literal.Replace(pattern)
	for above := name; above != ""; above = parent(above) {
		if ok, _ := path.Match(pattern, above); ok { // none is malformed
			return true
		}
	}
	return false
}

// unmatched lists the patterns of which the server has no folder.
func (o *Options) unmatched(list []imapclient.Folder) []string {
	return slices.DeleteFunc(slices.Concat(o.Folders, o.Exclude), func(pattern string) bool {
		return slices.ContainsFunc(list, func(f imapclient.Folder) bool { return matches(pattern, f.Name) })
	})
}
