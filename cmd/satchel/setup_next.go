package main

import (
	_ "embed"
	"path/filepath"
	"text/template"

	"satchel/cmd/satchel/config"
)

// nextText says what is left to do after setup.
//
//go:embed setup_next.txt
var nextText string

var nextSteps = template.Must(template.New("next").Parse(nextText))

// serviceCommands are what people type to whoever runs the server.
type serviceCommands struct {
	Start, Restart, Reload, Log string
	Prefix                      string // of satchel's own commands
}

var (
	unitCommands = serviceCommands{
		Start:   "systemctl enable --now satchel",
		Restart: "systemctl restart satchel",
		Reload:  "systemctl reload satchel",
		Log:     "journalctl -u satchel -g certificate",
	}
	containerCommands = serviceCommands{
		Start:   `podman run -d --name satchel ..., the long line of docs/INSTALL.md, "Containers"`,
		Restart: "podman restart satchel",
		Reload:  "podman kill --signal HUP satchel",
		Log:     "podman logs satchel",
		Prefix:  "podman exec satchel ",
	}
)

func (s *setup) sayNext(p *program, c *config.Config, running bool) error {
	service, file := unitCommands, p.configPath
	if s.boxed {
		service = containerCommands
		if real, err := filepath.EvalSymlinks(file); err == nil {
			file = real // its host has it there too
		}
	}
	return nextSteps.Execute(p.out, map[string]any{
		"Config": file, "Data": c.Data, "Running": running, "Service": service,
		"ACME": s.acme != "", "Web": s.web, "Account": s.account, "Host": s.host, "Domain": s.domain(),
	})
}
