// Prints what the parsers of cdxgen find in the fixtures of their own tests, as a table for score.py:
//
//	node cdxgen.mjs FOLDER
//
// FOLDER is that of its sources, with the packages that it needs installed.
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(process.argv[2]);
const read = await import(join(root, "lib/helpers/utils.js"));
const home = "test/data";
const file = (path) => path;
const text = (path) => readFileSync(path, "utf-8");

// package-lock.json is read by a library of npm from the folder of a project, which the fixtures have not.
// Folder below the test data, names of fixtures, format, parser, and what it is given.
const parsers = [
  ["yarn_locks", /\.lock$/, "yarn", "parseYarnLock", file],
  ["", /^pnpm-lock.*\.yaml$/, "pnpm", "parsePnpmLock", file],
  ["pnpm_locks", /\.yaml$/, "pnpm", "parsePnpmLock", file],
  ["", /^Pipfile\.lock$/, "python/pipenv", "parsePiplockData", (path) => JSON.parse(text(path))],
  ["", /^(poetry.*)\.lock$/, "python/poetry", "parsePyLockData", text],
  ["", /^(uv.*)\.lock$/, "python/uv", "parsePyLockData", text],
  ["", /^pdm\.lock$/, "python/pdm", "parsePyLockData", text],
  ["", /requirements.*\.txt$/, "python/requirements", "parseReqFile", file],
  ["", /\.mod$/, "golang/mod", "parseGoModData", (path) => [text(path), {}]],
  ["", /^Gemfile.*\.lock$/, "ruby/bundler", "parseGemfileLockData", (path) => [text(path), path]],
  ["", /\.gemspec$/, "language/ruby/gemspec", "parseGemspecData", (path) => [text(path), path]],
  ["", /^Cargom\.lock$/, "rust/cargo", "parseCargoData", file],
  ["", /^pubspec\.lock$/, "dart/pub", "parsePubLockData", text],
  ["", /^cabal.*\.freeze$/, "cabal", "parseCabalData", text],
  ["", /^mix\.lock/, "hex/mix", "parseMixLockData", text],
  ["", /^github-actions.*\.yaml$/, "githubactions", "parseGitHubWorkflowData", file],
  ["", /^conan.*\.lock$/, "c/conan", "parseConanLockData", text],
  ["", /^test-flake\.lock$/, "flake.lock", "parseFlakeLock", file],
  ["", /^packages2?\.config$/, "nuget/config", "parseCsPkgData", text],
  ["", /\.csproj$/, "csproj", "parseCsProjData", text],
  ["", /^project\.assets.*\.json$/, "projectassetsjson", "parseCsProjAssetsData", text],
  ["", /^packages.*\.lock\.json$/, "nuget/lock", "parseCsPkgLockData", text],
  ["", /^paket\.lock$/, "paketlock", "parsePaketLockData", text],
  ["", /^composer.*\.lock$/, "php/composer", "parseComposerLock", file],
  ["", /\.sbt\.lock$/, "sbt/lockfile", "parseSbtLock", file],
];

const told = (form, one) => {
  const separator = form.startsWith("sbt") ? ":" : "/";
  return `${one.group ? one.group + separator : ""}${one.name}\t${one.version ?? ""}`;
};

for (const [folder, pattern, form, name, given] of parsers) {
  for (const base of readdirSync(join(root, home, folder)).sort().filter((base) => pattern.test(base))) {
    const place = join(home, folder, base);
    const argument = given(join(root, place));
    let answer;
    try {
      answer = await read[name](...(Array.isArray(argument) ? argument : [argument]));
    } catch (error) {
      console.error(place, String(error).slice(0, 200));
      continue;
    }
    const packages = [answer?.pkgList, answer, answer?.parsedPkgs].find(Array.isArray) ?? [];
    const kept = packages.filter((one) => one?.name);
    console.log([...new Set(kept.map((one) => told(form, one)))].map((pair) => `${place}\tcdxgen/${form}\t${pair}`).join("\n") || `${place}\tcdxgen/${form}\t\t`);
    const known = new Map(kept.flatMap((one) => [one["bom-ref"], one.purl].filter(Boolean).map((ref) => [decodeURIComponent(ref), told(form, one)])));
    for (const { ref, dependsOn } of answer?.dependenciesList ?? []) {
      for (const target of dependsOn ?? []) {
        const pair = [ref, target].map((one) => known.get(decodeURIComponent(one)));
        if (pair.every(Boolean)) {
          console.log(`${place}\tcdxgen/${form}\t${pair.join("\t")}`);
        }
      }
    }
  }
}
