// Command budget fails when a file or a function has grown beyond what one
// can read in one go: 250 lines a file (600 a test file), 80 a function.
// Aim at 80 lines or more a file, and 10 to 20 a function.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	maxFile     = 250
	maxTestFile = 600
	maxFunc     = 80
	maxTestFunc = 120
)

func main() {
	fset := token.NewFileSet()
	files, bad := 0, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files++
		over, err := check(fset, path)
		for _, line := range over {
			fmt.Fprintln(os.Stderr, line)
		}
		bad += len(over)
		return err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "budget:", err)
		os.Exit(2)
	}
	if bad > 0 {
		os.Exit(1)
	}
	fmt.Printf("sizes: %d files within the budget\n", files)
}

// check returns one line for each part of the file that is too long.
func check(fset *token.FileSet, path string) ([]string, error) {
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	fileLimit, funcLimit := maxFile, maxFunc
	if strings.HasSuffix(path, "_test.go") {
		fileLimit, funcLimit = maxTestFile, maxTestFunc
	}
	var over []string
	if n := fset.File(f.FileStart).LineCount(); n > fileLimit {
		over = append(over, fmt.Sprintf("%s: %d lines, at most %d", path, n, fileLimit))
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		first, last := fset.Position(fn.Pos()), fset.Position(fn.End())
		if n := last.Line - first.Line + 1; n > funcLimit {
			over = append(over, fmt.Sprintf("%s:%d: %s has %d lines, at most %d", path, first.Line, fn.Name.Name, n, funcLimit))
		}
	}
	return over, nil
}
