use palisade_model::PackageOrigin;

use crate::project::{packages, problem_lines, read};

const LOCK: &str = "GIT
  remote: https://user:word@example.org/z.git
  revision: 0123456789abcdef0123456789abcdef01234567
  branch: main
  specs:
    z (0.1)

PATH
  remote: .
  specs:
    own (1.0.0)
      y (~> 1.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.16.0)
      racc (~> 1.4)
    nokogiri (1.16.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.3)
    y (1.0.2)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  nokogiri
  own!
  z!

CHECKSUMS
  racc (1.7.3) sha256=00ff
  y (1.0.2)

RUBY VERSION
   ruby 3.3.0p0

BUNDLED WITH
   2.5.3
";

#[test]
fn lockfiles_have_sources_needs_and_sums() {
    assert_eq!(
        packages("Gemfile.lock", LOCK),
        [
            "z 0.1 prod direct 6",
            "own 1.0.0 prod direct 11 -> [4]",
            "nokogiri 1.16.0 prod direct 17 -> [3]",
            "racc 1.7.3 prod transitive 21",
            "y 1.0.2 prod transitive 22",
        ]
    );
    let reading = read("gems.locked", LOCK);
    let url = "https://example.org/z.git".to_owned();
    let commit = Some("0123456789abcdef0123456789abcdef01234567".to_owned());
    assert_eq!(reading.packages[0].origin, PackageOrigin::Git { url, commit });
    assert_eq!(reading.packages[1].origin, PackageOrigin::Local { path: ".".to_owned() });
    assert_eq!(reading.packages[3].hashes[0].value, "00ff");
}

#[test]
fn unknown_sections_and_indents_are_problems() {
    assert_eq!(problem_lines("Gemfile.lock", "GEM\n  specs:\n    y (1)\n   z (1)\nNEW THING\n  a\n"), [4, 5]);
    assert_eq!(problem_lines("Gemfile.lock", ""), [0_u32; 0]);
}

#[test]
fn manifests_tell_groups() {
    let text = "gem 'a', '1.0'\ngroup :development, :test do\n  gem 'b'\nend\ngem 'c', '~> 2.0', '>= 2.0.1', group: :test\n# gem 'd'\n";
    assert_eq!(
        packages("Gemfile", text),
        ["a 1.0 prod direct 1", "b ? dev direct 3", "c (~> 2.0, >= 2.0.1) test direct 5"]
    );
}

#[test]
fn installed_gems_tell_licences_and_what_runs() {
    let text = "Gem::Specification.new do |s|\n  s.name = \"y\".freeze\n  s.version = \"1.0\".freeze\n  s.extensions = [\"ext/extconf.rb\".freeze]\n  s.licenses = [\"MIT\".freeze, \"Apache-2.0\".freeze]\nend\n";
    let reading = read("specifications/y-1.0.gemspec", text);
    assert_eq!(reading.packages[0].licences, ["MIT", "Apache-2.0"]);
    assert!(reading.packages[0].runs_on_install);
}

#[test]
fn a_gem_is_told_with_what_it_asks_for() {
    let text = "VERSION = '1.2'\nGem::Specification.new do |s|\n  s.name = \"own\".freeze\n  s.version = VERSION\n  s.add_dependency(%q<a>.freeze, [\">= 0\"])\n  s.add_development_dependency 'b'\nend\n";
    let expected = ["own 1.2 prod direct 3 -> [1, 2]", "a (>= 0) prod direct 5", "b ? dev direct 6"];
    assert_eq!(packages("own.gemspec", text), expected);
    // What another file says is not known here.
    assert_eq!(packages("own.gemspec", "s.name = 'own'\ns.version = Own::VERSION\n"), Vec::<String>::new());
}

/// As RubyGems wrote specifications before 1.8, and Jeweler did.
#[test]
fn texts_of_ruby_have_other_quotes() {
    let text = "Gem::Specification.new do |s|\n  s.name = %q{own}\n  s.version = \"1.2\"\n  s.add_dependency(%q(a), [\"= 1.0\"])\nend\n";
    let expected = ["own 1.2 prod direct 2 -> [1]", "a 1.0 prod direct 4"];
    assert_eq!(packages("own.gemspec", text), expected);
    assert_eq!(packages("specifications/own-1.2.gemspec", text), ["own 1.2 prod unknown 2"]);
}
