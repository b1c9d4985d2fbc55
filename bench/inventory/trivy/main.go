// Prints what the tests of Trivy's parsers expect of their fixtures, without building or running any of it:
//
//	trivy FOLDER PARSER...
//
// FOLDER is that of its sources, and a PARSER the path of a package below pkg/dependency/parser. Each line is a fixture, the parser, a name
// and a version, with tabs between them; a fixture with nothing in it has a line with empty names, and an edge has a name and a
// version more. Of a fixture that several cases name the first one counts: later ones try options.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

const home = "pkg/dependency/parser"

func main() {
	if len(os.Args) < 3 {
		log.Fatal("name the folder of the sources and a parser")
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, name := range os.Args[2:] {
		if err := one(out, os.Args[1], name); err != nil {
			log.Fatal(err)
		}
	}
}

// The variables of a package by their names, and the cases of its tests in their order.
type sources struct {
	values map[string]ast.Expr
	cases  []fields
}

type fields map[string]ast.Expr

func one(out io.Writer, root, name string) error {
	files, err := filepath.Glob(filepath.Join(root, home, name, "*.go"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	read := sources{values: map[string]ast.Expr{}}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, read.take)
	}
	seen := map[string]bool{}
	for _, test := range read.cases {
		fixture := test.fixture()
		if fixture == "" || seen[fixture] || test.fails() {
			continue
		}
		seen[fixture] = true
		read.tell(out, path.Join(home, name, fixture), name, test)
	}
	return nil
}

func (s *sources) take(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.ValueSpec:
		for index, name := range node.Names {
			if index < len(node.Values) {
				s.values[name.Name] = node.Values[index]
			}
		}
	case *ast.AssignStmt:
		if name, plain := node.Lhs[0].(*ast.Ident); plain && node.Tok == token.DEFINE {
			s.values[name.Name] = node.Rhs[0]
		}
	case *ast.CompositeLit:
		if found := fieldsOf(node); found.fixture() != "" {
			s.cases = append(s.cases, found)
		}
	}
	return true
}

func fieldsOf(expression ast.Expr) fields {
	found := fields{}
	if literal, is := expression.(*ast.CompositeLit); is {
		for _, element := range literal.Elts {
			if pair, is := element.(*ast.KeyValueExpr); is {
				if key, is := pair.Key.(*ast.Ident); is {
					found[key.Name] = pair.Value
				}
			}
		}
	}
	return found
}

func (f fields) fixture() string {
	for _, key := range []string{"file", "inputFile", "filePath", "input"} {
		if place := text(f[key]); strings.HasPrefix(place, "testdata/") {
			return place
		}
	}
	return ""
}

func (f fields) fails() bool {
	switch value := f["wantErr"].(type) {
	case *ast.Ident:
		return value.Name != "false"
	case *ast.SelectorExpr:
		return value.Sel.Name != "NoError"
	case *ast.BasicLit:
		return text(value) != ""
	}
	return false
}

func (s *sources) tell(out io.Writer, place, name string, test fields) {
	want := s.first(test, "want", "wantPkgs")
	if single := s.resolve(fieldsOf(want)["Package"]); single != nil {
		want = &ast.CompositeLit{Elts: []ast.Expr{single}}
	}
	known := map[string]string{}
	for _, element := range elements(want) {
		found := fieldsOf(s.resolve(element))
		pair := s.text(found["Name"]) + "\t" + s.text(found["Version"])
		known[s.text(found["ID"])] = pair
		fmt.Fprintf(out, "%s\t%s\t%s\n", place, name, pair)
	}
	if len(known) == 0 {
		fmt.Fprintf(out, "%s\t%s\t\t\n", place, name)
	}
	for _, element := range elements(s.first(test, "wantDeps")) {
		found := fieldsOf(s.resolve(element))
		for _, target := range elements(s.resolve(found["DependsOn"])) {
			from, to := known[s.text(found["ID"])], known[s.text(target)]
			if from != "" && to != "" {
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", place, name, from, to)
			}
		}
	}
}

func (s *sources) first(test fields, keys ...string) ast.Expr {
	for _, key := range keys {
		if value, is := test[key]; is {
			return s.resolve(value)
		}
	}
	return nil
}

// What a name stands for, or the name of a name.
func (s *sources) resolve(expression ast.Expr) ast.Expr {
	for range 8 {
		name, is := expression.(*ast.Ident)
		if !is {
			break
		}
		expression = s.values[name.Name]
	}
	return expression
}

func elements(expression ast.Expr) []ast.Expr {
	if literal, is := expression.(*ast.CompositeLit); is {
		return literal.Elts
	}
	return nil
}

func (s *sources) text(expression ast.Expr) string {
	return text(s.resolve(expression))
}

func text(expression ast.Expr) string {
	if literal, is := expression.(*ast.BasicLit); is && literal.Kind == token.STRING {
		value, _ := strconv.Unquote(literal.Value)
		return value
	}
	return ""
}
