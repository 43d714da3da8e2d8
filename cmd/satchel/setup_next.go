package main

import (
	_ "embed"
	"text/template"
)

// nextText says what is left to do after setup.
//
//go:embed setup_next.txt
var nextText string

var nextSteps = template.Must(template.New("next").Parse(nextText))

func (s *setup) sayNext(p *program, c *config, running bool) error {
	return nextSteps.Execute(p.out, map[string]any{
		"Config": p.configPath, "Data": c.data, "Running": running,
		"ACME": s.acme != "", "Web": s.web, "Account": s.account, "Host": s.host, "Domain": s.domain(),
	})
}
