package logo

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
)

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// halves is red on the left and blue on the right; the lower half is clear.
func halves(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 200, A: 255}
			if x >= width/2 {
				c = color.NRGBA{B: 100, A: 255}
			}
			if y >= height/2 {
				c = color.NRGBA{G: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func drawn(t testing.TB, upload []byte) image.Image {
	t.Helper()
	file, why := Draw(upload)
	if why != "" {
		t.Fatalf("refused: %s", why)
	}
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(file) > Most || max(m.Bounds().Dx(), m.Bounds().Dy()) > Side {
		t.Errorf("%d bytes, %v", len(file), m.Bounds())
	}
	return m
}

// A picture is made smaller in its proportions, and shows the same.
func TestAPictureIsDrawnAnew(t *testing.T) {
	m := drawn(t, pngOf(t, halves(1000, 500)))
	if m.Bounds() != image.Rect(0, 0, 256, 128) {
		t.Errorf("it is %v", m.Bounds())
	}
	for p, want := range map[image.Point]color.NRGBA{{3, 3}: {R: 200, A: 255}, {250, 3}: {B: 100, A: 255}, {3, 120}: {}, {127, 63}: {R: 200, A: 255}} {
		if got := color.NRGBAModel.Convert(m.At(p.X, p.Y)); got != want {
			t.Errorf("at %v it is %v, want %v", p, got, want)
		}
	}
	if m := drawn(t, pngOf(t, halves(40, 90))); m.Bounds() != image.Rect(0, 0, 40, 90) {
		t.Errorf("a small one became %v", m.Bounds())
	}
	if m := drawn(t, pngOf(t, halves(4000, 2))); m.Bounds() != image.Rect(0, 0, 256, 1) {
		t.Errorf("a line became %v", m.Bounds())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, halves(300, 300), nil); err != nil {
		t.Fatal(err)
	}
	if c := color.NRGBAModel.Convert(drawn(t, b.Bytes()).At(10, 10)).(color.NRGBA); c.R < 190 || c.G > 20 || c.A != 255 {
		t.Errorf("of a JPEG: %v", c)
	}
	b.Reset()
	film := &gif.GIF{Delay: []int{1, 1}, Config: image.Config{Width: 20, Height: 20}}
	for _, c := range []color.Color{color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}} {
		film.Image = append(film.Image, image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{c, color.Black}))
	}
	if err := gif.EncodeAll(&b, film); err != nil {
		t.Fatal(err)
	}
	if c := color.NRGBAModel.Convert(drawn(t, b.Bytes()).At(1, 1)); c != (color.NRGBA{R: 255, A: 255}) {
		t.Errorf("of a film: %v", c)
	}
}

// Each point is the mean of what it stands for, also where that is not whole, and
// what is clear lends no colour.
func TestShrinkingIsTheMean(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 3, 1))
	copy(m.Pix, []uint8{0, 0, 0, 0, 90, 90, 90, 90, 240, 30, 0, 255})
	got := shrink(m, 2, 1).Pix
	want := []uint8{30, 30, 30, 30, 190, 50, 30, 200}
	if !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Nothing of the file is handed on: neither where a photograph was taken nor what
// stands behind the picture.
func TestNothingOfTheFileIsHandedOn(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, halves(64, 64), nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 30}, "Exif\x00\x00canary at 53.8N 1.5W....."[:28]...)
	photograph := append(exif, b.Bytes()[2:]...)
	poly := pngOf(t, halves(64, 64))
	poly = append(poly[:33:33], append(chunk("tEXt", "Comment\x00<script>canary</script>"), poly[33:]...)...)
	poly = append(poly, "<html><script>canary()</script>PK\x03\x04"...)
	for name, upload := range map[string][]byte{"EXIF": photograph, "a page within a PNG": poly} {
		if !bytes.Contains(upload, []byte("canary")) {
			t.Fatalf("%s: the test is wrong", name)
		}
		file, why := Draw(upload)
		if why != "" || bytes.Contains(file, []byte("canary")) || bytes.Contains(file, []byte("Exif")) || bytes.Contains(file, []byte("tEXt")) || bytes.Equal(file, upload) {
			t.Errorf("%s: %s, %q", name, why, file)
		}
		if n := len(Name(file)); n != 32 || Name(file) == Name(upload) {
			t.Errorf("it is called %s", Name(file))
		}
	}
}

// chunk is a part of a PNG file.
func chunk(name, content string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	out = append(out, name+content...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(name+content)))
}

// bomb is a PNG whose head promises that many points.
func bomb(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", string(append(head, 16, 6, 0, 0, 0)))...)
	return append(out, chunk("IDAT", strings.Repeat("\x00", 100))...)
}

// What is not taken is told in words, and costs nothing.
func TestWhatIsNotTaken(t *testing.T) {
	whole := pngOf(t, halves(300, 300))
	gifBomb := []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;")
	passes := append([]byte("\xff\xd8\xff\xc2\x00\x0b\x08\x03\xe8\x03\xe8\x01\x01\x11\x00"), bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00"), 2000)...)
	for name, c := range map[string]struct {
		upload []byte
		want   string
	}{
		"nothing":      {nil, "there is no picture in it: choose a file first"},
		"too many":     {append(bytes.Clone(whole), make([]byte, MostBytes)...), "the file has more than 1 MiB"},
		"a bomb":       {bomb(30_000, 30_000), "the picture is 30000 by 30000 pixels; at most 4096 on a side are taken, and 6 million in all: 512 pixels wide is plenty"},
		"a wide bomb":  {bomb(4097, 1), "the picture is 4097 by 1 pixels"},
		"a full bomb":  {bomb(4096, 4096), "the picture is 4096 by 4096 pixels"},
		"a worse bomb": {bomb(1<<31-1, 1<<31-1), "no picture that can be read"},
		"a GIF bomb":   {gifBomb, "the picture is 65535 by 65535 pixels"},
		"many passes":  {passes, "no picture that can be read"},
		"cut off":      {whole[:len(whole)/2], "no picture that can be read, or it was cut off: save it again as PNG or JPEG"},
		"its head":     {whole[:20], "no picture that can be read"},
		"SVG":          {[]byte(`<?xml version="1.0"?><!-- x --><SVG xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></SVG>`), "an SVG drawing is not taken, because one can hold scripts and load things from elsewhere: save it as PNG"},
		"WebP":         {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 "), "a WebP picture is not taken"},
		"HTML":         {[]byte("<html><script>alert(1)</script>"), "choose a PNG, JPEG or GIF"},
		"a wrong name": {[]byte("%PDF-1.7"), "choose a PNG, JPEG or GIF"},
	} {
		if file, why := Draw(c.upload); file != nil || !strings.Contains(why, c.want) {
			t.Errorf("%s: %d bytes, %q, want %q", name, len(file), why, c.want)
		}
	}
}

// Whatever it shows, the file has no more bytes than it may.
func TestNoiseIsDrawnSmaller(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 256, 256))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(random.Uint32())
	}
	if got := drawn(t, pngOf(t, m)).Bounds(); got != image.Rect(0, 0, 144, 144) {
		t.Errorf("it is %v", got)
	}
}

// FuzzDraw: no file breaks it, and what is drawn is a small PNG.
func FuzzDraw(f *testing.F) {
	f.Add(pngOf(f, halves(30, 30)))
	f.Add(bomb(4096, 1464))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, halves(16, 16), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(b.Bytes()))
	b.Reset()
	if err := gif.Encode(&b, halves(16, 16), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, upload []byte) {
		if file, why := Draw(upload); why == "" {
			if c, err := png.DecodeConfig(bytes.NewReader(file)); err != nil || len(file) > Most || max(c.Width, c.Height) > Side {
				t.Errorf("%v, %d bytes, %+v", err, len(file), c)
			}
		} else if file != nil {
			t.Error("refused, and drawn")
		}
	})
}
