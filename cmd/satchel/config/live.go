package config

import "reflect"

// TakeLive takes over what has changed of the live keys, and lists which, and which others have changed.
func (c *Config) TakeLive(next *Config, live func(key string) bool) (taken, waiting []string) {
	for _, o := range options() {
		ours, theirs := o.field(c), o.field(next)
		switch {
		case tomlValue(ours) == tomlValue(theirs):
		case live(o.key):
			reflect.ValueOf(ours).Elem().Set(reflect.ValueOf(theirs).Elem())
			taken = append(taken, o.key)
		default:
			waiting = append(waiting, o.key)
		}
	}
	return taken, waiting
}
