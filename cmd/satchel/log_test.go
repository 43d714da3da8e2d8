package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logMethods are those of slog.Logger that take keys and values, and where these begin.
var logMethods = map[string]int{"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "Log": 3, "With": 0}

// TestLogKeys: the log has one vocabulary. Every key that the source has is in the table of docs/MONITORING.md, which has
// no others.
func TestLogKeys(t *testing.T) {
	used := map[string]string{} // key to the file that has it
	root := filepath.Join("..", "..")
	for _, dir := range []string{"backend", "server", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, key := range keysOf(n) {
					used[key] = path
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "MONITORING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n| key |")
	table, _, _ = strings.Cut(table, "\n\n")
	var documented []string
	for row := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cell, -1) {
			documented = append(documented, m[1])
			if used[m[1]] == "" {
				t.Errorf("docs/MONITORING.md has %s, which nothing logs", m[1])
			}
		}
	}
	for key, path := range used {
		if !slices.Contains(documented, key) {
			t.Errorf("docs/MONITORING.md lacks %q of %s", key, path)
		}
	}
}

// keysOf are the keys in a call of a logger, or in a list of keys and values that is put together for one: that begins
// with append(list, "key", value ...) or []any{"key", value ...}.
func keysOf(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok {
			first, known := logMethods[f.Sel.Name]
			if known && (first == 0 || len(n.Args) >= first && isText(n.Args[first-1])) {
				return keysIn(n.Args[first:])
			}
		}
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "append" && len(n.Args) > 2 {
			if list, ok := n.Args[0].(*ast.Ident); ok && (list.Name == "args" || list.Name == "client") {
				return keysIn(n.Args[1:])
			}
		}
	case *ast.CompositeLit:
		if a, ok := n.Type.(*ast.ArrayType); ok && len(n.Elts) > 1 {
			if of, ok := a.Elt.(*ast.Ident); ok && of.Name == "any" {
				return keysIn(n.Elts)
			}
		}
	}
	return nil
}

// keysIn are the texts at even places.
func keysIn(args []ast.Expr) (keys []string) {
	for i := 0; i < len(args); i += 2 {
		if lit, ok := args[i].(*ast.BasicLit); ok && isText(lit) {
			key, _ := strconv.Unquote(lit.Value)
			keys = append(keys, key)
		}
	}
	return keys
}

func isText(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.Ident:
		return e.Name == "msg"
	}
	return false
}
