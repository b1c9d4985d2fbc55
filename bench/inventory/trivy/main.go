// Prints what the parsers of Trivy find in the fixtures of their own tests:
//
//	trivy FOLDER
//
// FOLDER is that of its sources, within which this page is built. Each line is a fixture, the parser, a name and a version, with tabs between
// them; an edge has a name and a version more. A fixture in which nothing is found has a line with empty names. A fixture that the parser
// refuses has none: its tests expect an error there.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/aquasecurity/trivy/pkg/dependency/parser/c/conan"
	condameta "github.com/aquasecurity/trivy/pkg/dependency/parser/conda/meta"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/dart/pub"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/dotnet/core_deps"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/frameworks/wordpress"
	gobinary "github.com/aquasecurity/trivy/pkg/dependency/parser/golang/binary"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/golang/mod"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/golang/sum"
	gradle "github.com/aquasecurity/trivy/pkg/dependency/parser/gradle/lockfile"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/hex/mix"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/java/jar"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/java/pom"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/julia/manifest"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/nodejs/bun"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/nodejs/npm"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/nodejs/packagejson"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/nodejs/pnpm"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/nodejs/yarn"
	nugetconfig "github.com/aquasecurity/trivy/pkg/dependency/parser/nuget/config"
	nugetlock "github.com/aquasecurity/trivy/pkg/dependency/parser/nuget/lock"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/nuget/packagesprops"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/php/composer"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/python/packaging"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/python/pip"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/python/pipenv"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/python/poetry"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/python/pylock"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/python/uv"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/ruby/bundler"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/ruby/gemspec"
	rustbinary "github.com/aquasecurity/trivy/pkg/dependency/parser/rust/binary"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/rust/cargo"
	sbt "github.com/aquasecurity/trivy/pkg/dependency/parser/sbt/lockfile"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/swift/cocoapods"
	"github.com/aquasecurity/trivy/pkg/dependency/parser/swift/swift"
	"github.com/aquasecurity/trivy/pkg/fanal/types"
	xio "github.com/aquasecurity/trivy/pkg/x/io"
)

const home = "pkg/dependency/parser"

type reader func(place string, file *os.File) ([]types.Package, []types.Dependency, error)

type parser interface {
	Parse(ctx context.Context, r xio.ReadSeekerAt) ([]types.Package, []types.Dependency, error)
}

func plain(one parser) reader {
	return func(_ string, file *os.File) ([]types.Package, []types.Dependency, error) {
		return one.Parse(context.Background(), file)
	}
}

// A parser's folder, the files of its test data that are fixtures of it, and how it is called.
var readers = []struct {
	name    string
	pattern string
	read    reader
}{
	{"c/conan", "", plain(conan.NewParser())},
	{"conda/meta", `\.json$`, plain(condameta.NewParser())},
	{"dart/pub", "", plain(pub.NewParser(false))},
	{"dotnet/core_deps", "", plain(core_deps.NewParser())},
	{"frameworks/wordpress", "", func(_ string, file *os.File) ([]types.Package, []types.Dependency, error) {
		one, err := wordpress.Parse(file)
		return []types.Package{one}, nil, err
	}},
	{"golang/binary", "", plain(gobinary.NewParser())},
	{"golang/mod", `(go\.mod|gomod)$`, plain(mod.NewParser(true, false))},
	{"golang/sum", "", plain(sum.NewParser())},
	{"gradle/lockfile", "", plain(gradle.NewParser())},
	{"hex/mix", "", plain(mix.NewParser())},
	{"java/jar", `[jw]ar$`, func(place string, file *os.File) ([]types.Package, []types.Dependency, error) {
		info, err := file.Stat()
		if err != nil {
			return nil, nil, err
		}
		return jar.NewParser(nil, jar.WithFilePath(place), jar.WithOffline(true), jar.WithSize(info.Size())).Parse(context.Background(), file)
	}},
	{"java/pom", "", func(place string, file *os.File) ([]types.Package, []types.Dependency, error) {
		return pom.NewParser(place, pom.WithOffline(true)).Parse(context.Background(), file)
	}},
	{"julia/manifest", `Manifest[^/]*\.toml$`, plain(julia.NewParser())},
	{"nodejs/bun", "", plain(bun.NewParser())},
	{"nodejs/npm", "", plain(npm.NewParser())},
	{"nodejs/packagejson", "", func(_ string, file *os.File) ([]types.Package, []types.Dependency, error) {
		one, err := packagejson.NewParser().Parse(file)
		return []types.Package{one.Package}, nil, err
	}},
	{"nodejs/pnpm", "", plain(pnpm.NewParser())},
	{"nodejs/yarn", "", func(_ string, file *os.File) ([]types.Package, []types.Dependency, error) {
		packages, edges, _, err := yarn.NewParser().Parse(context.Background(), file)
		return packages, edges, err
	}},
	{"nuget/config", "", plain(nugetconfig.NewParser())},
	{"nuget/lock", "", plain(nugetlock.NewParser())},
	{"nuget/packagesprops", "", plain(packagesprops.NewParser())},
	{"php/composer", "", plain(composer.NewParser())},
	{"python/packaging", "", plain(packaging.NewParser())},
	{"python/pip", "", plain(pip.NewParser(false))},
	{"python/pipenv", "", plain(pipenv.NewParser())},
	{"python/poetry", "", plain(poetry.NewParser())},
	{"python/pylock", "", plain(pylock.NewParser())},
	{"python/uv", "", plain(uv.NewParser())},
	{"ruby/bundler", "", plain(bundler.NewParser())},
	{"ruby/gemspec", "", plain(gemspec.NewParser())},
	{"rust/binary", "", plain(rustbinary.NewParser())},
	{"rust/cargo", "", plain(cargo.NewParser())},
	{"sbt/lockfile", "", plain(sbt.NewParser())},
	{"swift/cocoapods", "", plain(cocoapods.NewParser())},
	{"swift/swift", "", plain(swift.NewParser())},
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("name the folder of the sources")
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, one := range readers {
		fixtures, err := fixtures(os.Args[1], one.name, one.pattern)
		if err != nil {
			log.Fatal(err)
		}
		for _, fixture := range fixtures {
			tell(out, os.Args[1], fixture, one.name, one.read)
		}
	}
}

// The fixtures of a parser, from the folder of the sources. Of Maven's projects, whose parents and modules are fixtures too, those count
// that a test names.
func fixtures(root, name, pattern string) ([]string, error) {
	if name == "java/pom" {
		return named(root, path.Join(home, name))
	}
	wanted := regexp.MustCompile(pattern)
	var found []string
	err := filepath.WalkDir(filepath.Join(root, home, name, "testdata"), func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && wanted.MatchString(file) {
			place, _ := filepath.Rel(root, file)
			found = append(found, place)
		}
		return err
	})
	return found, err
}

func named(root, folder string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(root, folder, "parse_test.go"))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, call := range regexp.MustCompile(`inputFile:\s*filepath\.Join\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
		place := folder
		for _, part := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(call[1], -1) {
			place = path.Join(place, part[1])
		}
		found = append(found, place)
	}
	sort.Strings(found)
	return slices.Compact(found), nil
}

func tell(out *bufio.Writer, root, fixture, name string, read reader) {
	file, err := os.Open(filepath.Join(root, fixture))
	if err != nil {
		return
	}
	defer file.Close()
	packages, edges, err := read(file.Name(), file)
	if err != nil {
		return
	}
	known := map[string]string{}
	for _, one := range packages {
		pair := strings.TrimSpace(one.Name) + "\t" + strings.TrimSpace(one.Version)
		known[one.ID] = pair
		fmt.Fprintf(out, "%s\t%s\t%s\n", fixture, name, pair)
	}
	if len(packages) == 0 {
		fmt.Fprintf(out, "%s\t%s\t\t\n", fixture, name)
	}
	for _, edge := range edges {
		for _, target := range edge.DependsOn {
			if from, to := known[edge.ID], known[target]; from != "" && to != "" {
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", fixture, name, from, to)
			}
		}
	}
}
