// Prints what the extractors of osv-scalibr find in the fixtures of its own tests:
//
//	scalibr FOLDER EXTRACTOR...
//
// FOLDER is that of its module, and an EXTRACTOR the path of one below extractor/filesystem. Each line is a fixture, the extractor, a
// name and a version, with tabs between them. A fixture in which nothing is found has a line with empty names. A fixture that the
// extractor refuses has none: its tests expect an error there.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor/filesystem"
	scalibrfs "github.com/google/osv-scalibr/fs"
	scalibrlog "github.com/google/osv-scalibr/log"
)

type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Infof(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
func (silent) Error(...any)          {}
func (silent) Warn(...any)           {}
func (silent) Info(...any)           {}
func (silent) Debug(...any)          {}

func main() {
	scalibrlog.SetLogger(silent{})
	if len(os.Args) < 2 {
		log.Fatal("name the folder of the module")
	}
	chosen := os.Args[2:]
	if len(chosen) == 0 {
		for name := range extractors {
			chosen = append(chosen, name)
		}
	}
	slices.Sort(chosen)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, name := range chosen {
		if err := one(out, os.Args[1], name); err != nil {
			log.Fatal(err)
		}
	}
}

func one(out io.Writer, module, name string) error {
	create, known := extractors[name]
	if !known {
		return fmt.Errorf("no extractor %s is built in", name)
	}
	extractor, err := create(&cpb.PluginConfig{})
	if err != nil {
		return err
	}
	home := path.Join("extractor/filesystem", name)
	return filepath.WalkDir(filepath.Join(module, home, "testdata"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return fixture(out, extractor, module, name, file)
	})
}

// Runs an extractor on a file as its tests do: the root is the folder of the extractor's package.
func fixture(out io.Writer, extractor filesystem.Extractor, module, name, file string) error {
	root := filepath.Join(module, "extractor/filesystem", name)
	relative, err := filepath.Rel(root, file)
	if err != nil {
		return err
	}
	reader, err := os.Open(file)
	if err != nil {
		return err
	}
	defer reader.Close()
	info, err := reader.Stat()
	if err != nil {
		return err
	}
	input := filesystem.ScanInput{FS: scalibrfs.DirFS(root), Path: filepath.ToSlash(relative), Root: root, Info: info, Reader: reader}
	found, err := extractor.Extract(context.Background(), &input)
	if err != nil {
		return nil
	}
	place := path.Join("extractor/filesystem", name, filepath.ToSlash(relative))
	if len(found.Packages) == 0 {
		fmt.Fprintf(out, "%s\t%s\t\t\n", place, name)
	}
	for _, one := range found.Packages {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", place, name, strings.TrimSpace(one.Name), strings.TrimSpace(one.Version))
	}
	return nil
}
