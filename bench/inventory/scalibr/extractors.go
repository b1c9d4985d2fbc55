package main

import (
	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/containers/dockerbaseimage"
	"github.com/google/osv-scalibr/extractor/filesystem/containers/dockercomposeimage"
	"github.com/google/osv-scalibr/extractor/filesystem/containers/k8simage"
	"github.com/google/osv-scalibr/extractor/filesystem/language/cpp/conanlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dart/pubspec"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/csproj"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/depsjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/nugetcpm"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/packagesconfig"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/packageslockjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/paketdependencies"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/paketlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/projectassetsjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/elixir/mixlock"
	erlangmixlock "github.com/google/osv-scalibr/extractor/filesystem/language/erlang/mixlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/gleam/gleamtoml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gobinary"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gomod"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/vendormodules"
	"github.com/google/osv-scalibr/extractor/filesystem/language/haskell/cabal"
	"github.com/google/osv-scalibr/extractor/filesystem/language/haskell/stacklock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/archive"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/gradlelockfile"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/gradleverificationmetadataxml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/gradleversioncatalog"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/pomxml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/bunlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/denojson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagejson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagelockjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/pnpmlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/yarnlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/julia/manifesttoml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/julia/projecttoml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ocaml/opam"
	"github.com/google/osv-scalibr/extractor/filesystem/language/perl/cpan"
	"github.com/google/osv-scalibr/extractor/filesystem/language/php/composerlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/condameta"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pdmlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pipfilelock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/poetrylock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pylock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pyprojecttoml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/requirements"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/setup"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/uvlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/wheelegg"
	"github.com/google/osv-scalibr/extractor/filesystem/language/r/renvlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ruby/gemfilelock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ruby/gemspec"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargoauditable"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargolock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargotoml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/swift/packageresolved"
	"github.com/google/osv-scalibr/extractor/filesystem/language/swift/podfilelock"
	"github.com/google/osv-scalibr/extractor/filesystem/misc/bazelmaven"
	"github.com/google/osv-scalibr/extractor/filesystem/misc/githubactions"
	"github.com/google/osv-scalibr/extractor/filesystem/misc/wordpress/plugins"
	"github.com/google/osv-scalibr/extractor/filesystem/os/apk"
	"github.com/google/osv-scalibr/extractor/filesystem/os/chisel"
	"github.com/google/osv-scalibr/extractor/filesystem/os/cos"
	"github.com/google/osv-scalibr/extractor/filesystem/os/dpkg"
	"github.com/google/osv-scalibr/extractor/filesystem/os/flatpak"
	"github.com/google/osv-scalibr/extractor/filesystem/os/homebrew"
	"github.com/google/osv-scalibr/extractor/filesystem/os/pacman"
	"github.com/google/osv-scalibr/extractor/filesystem/os/portage"
	"github.com/google/osv-scalibr/extractor/filesystem/os/snap"
	"github.com/google/osv-scalibr/extractor/filesystem/os/spack"
	"github.com/google/osv-scalibr/extractor/filesystem/runtime/asdf"
	"github.com/google/osv-scalibr/extractor/filesystem/runtime/mise"
	"github.com/google/osv-scalibr/extractor/filesystem/runtime/nodejs/nodeversion"
	"github.com/google/osv-scalibr/extractor/filesystem/runtime/nodejs/nvm"
)

var extractors = map[string]func(*cpb.PluginConfig) (filesystem.Extractor, error){
	"containers/dockerbaseimage":                  dockerbaseimage.New,
	"containers/dockercomposeimage":               dockercomposeimage.New,
	"containers/k8simage":                         k8simage.New,
	"language/cpp/conanlock":                      conanlock.New,
	"language/dart/pubspec":                       pubspec.New,
	"language/dotnet/csproj":                      csproj.New,
	"language/dotnet/depsjson":                    depsjson.New,
	"language/dotnet/nugetcpm":                    nugetcpm.New,
	"language/dotnet/packagesconfig":              packagesconfig.New,
	"language/dotnet/packageslockjson":            packageslockjson.New,
	"language/dotnet/paketdependencies":           paketdependencies.New,
	"language/dotnet/paketlock":                   paketlock.New,
	"language/dotnet/projectassetsjson":           projectassetsjson.New,
	"language/elixir/mixlock":                     mixlock.New,
	"language/erlang/mixlock":                     erlangmixlock.New,
	"language/gleam/gleamtoml":                    gleamtoml.New,
	"language/golang/gobinary":                    gobinary.New,
	"language/golang/gomod":                       gomod.New,
	"language/golang/vendormodules":               vendormodules.New,
	"language/haskell/cabal":                      cabal.New,
	"language/haskell/stacklock":                  stacklock.New,
	"language/java/archive":                       archive.New,
	"language/java/gradlelockfile":                gradlelockfile.New,
	"language/java/gradleverificationmetadataxml": gradleverificationmetadataxml.New,
	"language/java/gradleversioncatalog":          gradleversioncatalog.New,
	"language/java/pomxml":                        pomxml.New,
	"language/javascript/bunlock":                 bunlock.New,
	"language/javascript/denojson":                denojson.New,
	"language/javascript/packagejson":             packagejson.New,
	"language/javascript/packagelockjson":         packagelockjson.New,
	"language/javascript/pnpmlock":                pnpmlock.New,
	"language/javascript/yarnlock":                yarnlock.New,
	"language/julia/manifesttoml":                 manifesttoml.New,
	"language/julia/projecttoml":                  projecttoml.New,
	"language/ocaml/opam":                         opam.New,
	"language/perl/cpan":                          cpan.New,
	"language/php/composerlock":                   composerlock.New,
	"language/python/condameta":                   condameta.New,
	"language/python/pdmlock":                     pdmlock.New,
	"language/python/pipfilelock":                 pipfilelock.New,
	"language/python/poetrylock":                  poetrylock.New,
	"language/python/pylock":                      pylock.New,
	"language/python/pyprojecttoml":               pyprojecttoml.New,
	"language/python/requirements":                requirements.New,
	"language/python/setup":                       setup.New,
	"language/python/uvlock":                      uvlock.New,
	"language/python/wheelegg":                    wheelegg.New,
	"language/r/renvlock":                         renvlock.New,
	"language/ruby/gemfilelock":                   gemfilelock.New,
	"language/ruby/gemspec":                       gemspec.New,
	"language/rust/cargoauditable":                cargoauditable.New,
	"language/rust/cargolock":                     cargolock.New,
	"language/rust/cargotoml":                     cargotoml.New,
	"language/swift/packageresolved":              packageresolved.New,
	"language/swift/podfilelock":                  podfilelock.New,
	"misc/bazelmaven":                             bazelmaven.New,
	"misc/githubactions":                          githubactions.New,
	"misc/wordpress/plugins":                      plugins.New,
	"os/apk":                                      apk.New,
	"os/chisel":                                   chisel.New,
	"os/cos":                                      cos.New,
	"os/dpkg":                                     dpkg.New,
	"os/flatpak":                                  flatpak.New,
	"os/homebrew":                                 homebrew.New,
	"os/pacman":                                   pacman.New,
	"os/portage":                                  portage.New,
	"os/snap":                                     snap.New,
	"os/spack":                                    spack.New,
	"runtime/asdf":                                asdf.New,
	"runtime/mise":                                mise.New,
	"runtime/nodejs/nodeversion":                  nodeversion.New,
	"runtime/nodejs/nvm":                          nvm.New,
}
