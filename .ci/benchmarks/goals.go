package main

import "strings"

// wish is the ratio wanted of all metrics whose names begin alike.
type wish struct {
	prefix string
	ratio  float64
}

// goals are the ratios to Dovecot that satchel wants to keep.
var goals = []wish{
	{"idle-latency/", 20},
	{"append-1/rate", 2}, {"append-8/rate", 2}, {"append-8-one/rate", 2}, {"lmtp-deliver/one", 2}, {"lmtp-deliver/x8", 2},
	{"resync/", 2}, {"sort/", 2}, {"thread/", 2},
	{"fetch-list/envelope, the first time", 10},
	{"fetch-flags/", 2}, {"fetch-list/envelope", 2}, {"copy/", 2}, {"move/", 2}, {"login/", 2},
	{"select/", 1}, {"status-all/list-status", 1}, {"fetch-list/header-fields", 1}, {"fetch-structure/", 1},
	{"fetch-partial/", 1}, {"fetch-body/single", 1}, {"multiappend/", 1}, {"expunge/", 1}, {"store-flags/all", 1},
	{"fetch-body/bulk", 0.7}, {"store-flags/single", 0.7},
	{"search-flags/", 2}, {"search-header/", 5}, {"search-body/", 100},
}

// goalsOf are those of the reports with a table of their own.
var goalsOf = map[string][]wish{
	"unindexed.json": {{"search-body/", 1}},
	"storing.json":   {{"append-1/rate", 0.9}, {"append-8/rate", 0.9}, {"multiappend/", 0.9}, {"lmtp-deliver/", 0.9}},
}

// firsts are the metrics whose first round has a line of its own, because what was
// asked for once is known from then on.
var firsts = []string{"fetch-list/envelope", "search-body/text-common"}

// most is what figures of satchel alone are wanted to be at most.
var most = map[string]float64{"search.db for a byte of the text": 0.6, "mail.db and search.db for a byte of mail": 1}

// goal returns the ratio wanted of a metric, 0 for none. The slowest answer
// of a sample (p99) has none of its own.
func goal(wishes []wish, name string) float64 {
	if strings.HasSuffix(name, "-p99") && !strings.HasPrefix(name, "idle-latency/") {
		return 0
	}
	for _, g := range wishes {
		if strings.HasPrefix(name, g.prefix) {
			return g.ratio
		}
	}
	return 0
}

// verdict is the goal as the table shows it.
func verdict(ratio, goal float64) string {
	switch {
	case goal == 0:
		return ""
	case ratio < goal:
		return number(goal) + " **missed**"
	}
	return number(goal)
}
