package web

import "strings"

// browserName finds in what a browser says of itself the name that its user knows it by. They all claim to be others:
// the most particular name comes first.
func browserName(agent string) string {
	on := ""
	for _, system := range []struct{ mark, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Mac OS X", "Mac"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, system.mark) {
			on = " on " + system.name
			break
		}
	}
	for _, browser := range []struct{ mark, name string }{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(agent, browser.mark) {
			return browser.name + on
		}
	}
	return "A browser" + on
}
