package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// demoLogo is a mark for an invented member: a ring of one colour around a disc of
// another.
func demoLogo(ring, disc color.NRGBA) ([]byte, error) {
	const side, middle = 512, 256
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			switch d := (x-middle)*(x-middle) + (y-middle)*(y-middle); {
			case d < 120*120:
				m.SetNRGBA(x, y, disc)
			case d > 170*170 && d < 250*250:
				m.SetNRGBA(x, y, ring)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}
