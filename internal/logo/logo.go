// Package logo draws a small picture anew from what somebody uploaded, so that
// nothing of the file itself is kept or handed on: no place where a photograph was
// taken, no program hidden behind the picture, no picture that is ten thousand
// times the size of its file.
//
// PNG, JPEG and the first picture of a GIF are read. SVG is not: such a drawing may
// hold scripts, and load things from elsewhere. WebP is not, since the standard
// library reads none.
package logo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

// What is taken, and what comes of it.
const (
	MostBytes = 1 << 20 // of an upload
	MostSide  = 4096    // pixels, wide or high
	// MostPixels bounds what reading one takes: about 90 MB for the worst, a JPEG that
	// is sharpened in many passes.
	MostPixels = 6_000_000
	Side       = 256 // pixels: the longer side of what is drawn, at most
	// Most is how many bytes the drawn file has at most; one that would have more is
	// drawn smaller.
	Most = 96 << 10

	// mostPasses bounds in how many passes a JPEG comes: each goes over all of it.
	mostPasses = 64
)

// kind is a sort of file that is read.
type kind struct {
	begins string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var kinds = []kind{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"GIF8", gif.DecodeConfig, gif.Decode},
}

// Draw draws an uploaded picture anew, as a PNG file. Its size is read from its head
// before anything else of it is. why says why there is none, in words for who
// uploaded it; "" when there is one.
func Draw(upload []byte) (file []byte, why string) {
	if why := tooMuch(upload); why != "" {
		return nil, why
	}
	for _, k := range kinds {
		if !bytes.HasPrefix(upload, []byte(k.begins)) {
			continue
		}
		c, err := k.config(bytes.NewReader(upload))
		if err != nil || c.Width < 1 || c.Height < 1 || bytes.Count(upload, []byte{0xff, 0xda}) > mostPasses && k.begins[0] == 0xff {
			return nil, broken
		}
		if why := tooLarge(c.Width, c.Height); why != "" {
			return nil, why
		}
		picture, err := k.decode(bytes.NewReader(upload))
		if err != nil || picture.Bounds().Empty() || tooLarge(picture.Bounds().Dx(), picture.Bounds().Dy()) != "" {
			return nil, broken
		}
		return small(picture), ""
	}
	return nil, unknown(upload)
}

// Name is the name of a drawn file: the beginning of its SHA-256, as 32 digits.
func Name(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:16])
}

const (
	broken = "the file is no picture that can be read, or it was cut off: save it again as PNG or JPEG"
	noSVG  = "an SVG drawing is not taken, because one can hold scripts and load things from elsewhere: save it as PNG, 512 pixels wide or more"
	noWebP = "a WebP picture is not taken: save it as PNG or JPEG"
	noFile = "there is no picture in it: choose a file first"
	other  = "the file is no picture in a form that is taken: choose a PNG, JPEG or GIF"
)

// tooMuch says that an upload has nothing in it, or too many bytes.
func tooMuch(upload []byte) string {
	switch {
	case len(upload) == 0:
		return noFile
	case len(upload) > MostBytes:
		return "the file has more than 1 MiB (1,048,576 bytes): save it smaller, 512 pixels wide is plenty"
	}
	return ""
}

func tooLarge(width, height int) string {
	if width > MostSide || height > MostSide || width*height > MostPixels {
		return fmt.Sprintf("the picture is %d by %d pixels; at most %d on a side are taken, and 6 million in all: 512 pixels wide is plenty", width, height, MostSide)
	}
	return ""
}

// unknown says what is wrong with a file that is none of those that are read.
func unknown(upload []byte) string {
	head := bytes.ToLower(upload[:min(len(upload), 1024)])
	switch {
	case bytes.Contains(head, []byte("<svg")):
		return noSVG
	case bytes.HasPrefix(head, []byte("riff")) && len(head) > 12 && string(head[8:12]) == "webp":
		return noWebP
	}
	return other
}

// small is the picture as a file, its longer side at most Side and as much smaller
// as it takes to have at most Most bytes.
func small(picture image.Image) []byte {
	bounds := picture.Bounds()
	whole := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	draw.Draw(whole, whole.Bounds(), picture, bounds.Min, draw.Src)
	for side := Side; ; side = side * 3 / 4 {
		var out bytes.Buffer
		width, height := fit(bounds.Dx(), bounds.Dy(), side)
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		if err := encoder.Encode(&out, shrink(whole, width, height)); err != nil {
			panic("logo: a picture of " + fmt.Sprint(width, " by ", height) + " pixels always encodes: " + err.Error())
		}
		if out.Len() <= Most { // at 144 pixels it is, whatever it shows
			return out.Bytes()
		}
	}
}

// fit is how wide and high a picture is whose longer side is at most that.
func fit(width, height, side int) (w, h int) {
	longer := max(width, height)
	if longer <= side {
		return width, height
	}
	return max(1, width*side/longer), max(1, height*side/longer)
}

// shrink makes a picture smaller: each point is the mean of those that it stands for,
// by how much of each lies within it. Colours are weighed by how much they cover, so
// that nothing shines through from where the picture is clear.
func shrink(from *image.RGBA, width, height int) *image.RGBA {
	wide, high := from.Bounds().Dx(), from.Bounds().Dy()
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	// Lengths are in parts of which a source point has `width` (or `height`) and a
	// point of the result `wide` (or `high`), so that all are whole numbers.
	all := uint64(wide) * uint64(high)
	sums := make([][4]uint64, width)
	for y := range height {
		clear(sums)
		for sy := y * high / height; sy*height < (y+1)*high; sy++ {
			tall := overlap(sy*height, (sy+1)*height, y*high, (y+1)*high)
			row := from.Pix[sy*from.Stride:]
			for x := range width {
				for sx := x * wide / width; sx*width < (x+1)*wide; sx++ {
					part := tall * overlap(sx*width, (sx+1)*width, x*wide, (x+1)*wide)
					for c := range 4 {
						sums[x][c] += part * uint64(row[4*sx+c])
					}
				}
			}
		}
		for x := range width {
			for c := range 4 {
				to.Pix[y*to.Stride+4*x+c] = uint8((sums[x][c] + all/2) / all)
			}
		}
	}
	return to
}

// overlap is how long the common part of two spans is.
func overlap(a, b, c, d int) uint64 { return uint64(max(0, min(b, d)-max(a, c))) }
