package main

import (
	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/containers/dockerbaseimage"
	"github.com/google/osv-scalibr/extractor/filesystem/containers/dockercomposeimage"
	"github.com/google/osv-scalibr/extractor/filesystem/containers/k8simage"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gobinary"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gomod"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/vendormodules"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/bunlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/denojson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagejson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagelockjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/pnpmlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/yarnlock"
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
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargoauditable"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargolock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargotoml"
	"github.com/google/osv-scalibr/extractor/filesystem/misc/githubactions"
)

var extractors = map[string]func(*cpb.PluginConfig) (filesystem.Extractor, error){
	"containers/dockerbaseimage":          dockerbaseimage.New,
	"containers/dockercomposeimage":       dockercomposeimage.New,
	"containers/k8simage":                 k8simage.New,
	"language/golang/gobinary":            gobinary.New,
	"language/golang/gomod":               gomod.New,
	"language/golang/vendormodules":       vendormodules.New,
	"language/javascript/bunlock":         bunlock.New,
	"language/javascript/denojson":        denojson.New,
	"language/javascript/packagejson":     packagejson.New,
	"language/javascript/packagelockjson": packagelockjson.New,
	"language/javascript/pnpmlock":        pnpmlock.New,
	"language/javascript/yarnlock":        yarnlock.New,
	"language/python/condameta":           condameta.New,
	"language/python/pdmlock":             pdmlock.New,
	"language/python/pipfilelock":         pipfilelock.New,
	"language/python/poetrylock":          poetrylock.New,
	"language/python/pylock":              pylock.New,
	"language/python/pyprojecttoml":       pyprojecttoml.New,
	"language/python/requirements":        requirements.New,
	"language/python/setup":               setup.New,
	"language/python/uvlock":              uvlock.New,
	"language/python/wheelegg":            wheelegg.New,
	"language/rust/cargoauditable":        cargoauditable.New,
	"language/rust/cargolock":             cargolock.New,
	"language/rust/cargotoml":             cargotoml.New,
	"misc/githubactions":                  githubactions.New,
}
