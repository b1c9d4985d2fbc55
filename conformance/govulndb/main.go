// What the ranges of Go's vulnerability database say of modules, evaluated with the semver package of the Go project.
//
// `govulndb lines FOLDER` prints lines of ecosystem, module and version, parted by tabs: for each version that a record names the
// neighbours of it. `govulndb match FOLDER` reads such lines and prints for each the identifiers of the records that affect it, sorted.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

type record struct {
	ID        string
	Withdrawn string
	Affected  []struct {
		Package struct{ Name string }
		Ranges  []struct {
			Type   string
			Events []struct{ Introduced, Fixed string }
		}
	}
}

func load(folder string) (records []record) {
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		bytes, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var one record
		if err := json.Unmarshal(bytes, &one); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		records = append(records, one)
		return nil
	})
	if err != nil {
		panic(err)
	}
	return records
}

type event struct {
	version    string
	introduced bool
}

func affects(version string, events []event) bool {
	sort.SliceStable(events, func(i, j int) bool {
		return semver.Compare(events[i].version, events[j].version) < 0
	})
	affected := false
	for _, event := range events {
		if event.introduced && !affected {
			affected = event.version == "" || semver.Compare(version, event.version) >= 0
		} else if !event.introduced && affected {
			affected = semver.Compare(version, event.version) < 0
		}
	}
	return affected
}

func prefixed(version string) string {
	if version == "0" || version == "" {
		return ""
	}
	return "v" + strings.TrimPrefix(version, "v")
}

func match(records []record) {
	type known struct {
		id     string
		ranges [][]event
	}
	modules := map[string][]known{}
	for _, record := range records {
		if record.Withdrawn != "" {
			continue
		}
		for _, affected := range record.Affected {
			one := known{id: record.ID}
			for _, ranges := range affected.Ranges {
				var events []event
				for _, e := range ranges.Events {
					if e.Introduced != "" {
						events = append(events, event{prefixed(e.Introduced), true})
					}
					if e.Fixed != "" {
						events = append(events, event{prefixed(e.Fixed), false})
					}
				}
				one.ranges = append(one.ranges, events)
			}
			modules[affected.Package.Name] = append(modules[affected.Package.Name], one)
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		found := map[string]bool{}
		for _, one := range modules[parts[1]] {
			for _, events := range one.ranges {
				if affects(prefixed(parts[2]), events) {
					found[one.id] = true
				}
			}
		}
		ids := make([]string, 0, len(found))
		for id := range found {
			ids = append(ids, id)
		}
		sort.Strings(ids)
		fmt.Fprintln(out, strings.Join(ids, " "))
	}
}

var numbers = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)(-.*)?$`)

func lines(records []record) {
	suffixes := []string{"", "-0", "-alpha.1", "-rc.1", "-rc.2", "-0.20240101000000-abcdefabcdef", "+incompatible"}
	seen := map[string]bool{}
	for _, record := range records {
		for _, affected := range record.Affected {
			versions := []string{"0.0.0", "1.0.0", "0.0.0-20210101000000-abcdefabcdef"}
			for _, ranges := range affected.Ranges {
				for _, e := range ranges.Events {
					versions = append(versions, e.Introduced, e.Fixed)
				}
			}
			for _, version := range versions {
				match := numbers.FindStringSubmatch(version)
				if match == nil {
					continue
				}
				major, minor, patch := number(match[1]), number(match[2]), number(match[3])
				near := []string{version}
				for _, core := range [][3]int{{major, minor, patch}, {major, minor, patch + 1}, {major, minor, max(patch-1, 0)},
					{major, minor + 1, 0}, {major, max(minor-1, 0), 3}, {major + 1, 0, 0}} {
					for _, suffix := range suffixes {
						near = append(near, fmt.Sprintf("%d.%d.%d%s", core[0], core[1], core[2], suffix))
					}
				}
				for _, version := range near {
					for _, prefix := range []string{"v", ""} {
						seen["Go\t"+affected.Package.Name+"\t"+prefix+version] = true
					}
				}
			}
		}
	}
	sorted := make([]string, 0, len(seen))
	for line := range seen {
		sorted = append(sorted, line)
	}
	sort.Strings(sorted)
	fmt.Println(strings.Join(sorted, "\n"))
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	records := load(os.Args[2])
	if os.Args[1] == "lines" {
		lines(records)
	} else {
		match(records)
	}
}
