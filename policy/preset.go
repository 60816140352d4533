package policy

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed presets/*.yaml
var presets embed.FS

// DefaultPreset is the preset of a store that was given no policy.
const DefaultPreset = "seed-2022"

// PresetNames are the presets that the program carries, sorted.
func PresetNames() []string {
	files, err := fs.Glob(presets, "presets/*.yaml")
	if err != nil {
		return nil // only a malformed pattern fails, and this one is not
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "presets/"), ".yaml")
	}
	return files
}

// PresetText is a preset as a file with its comments, to be edited.
func PresetText(name string) ([]byte, error) {
	text, err := presets.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no preset %q; the nearest is %q (there are %s)",
			clip(name), nearest(name, PresetNames()), join(PresetNames(), "and"))
	}
	return text, nil
}

// Preset is a preset, read.
func Preset(name string) (*File, error) {
	text, err := PresetText(name)
	if err != nil {
		return nil, err
	}
	return Parse(name+".yaml", text)
}
