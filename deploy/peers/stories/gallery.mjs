// The pictures of the gallery: each page once wide and light, some also narrow and dark.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const tallest = 1800; // pixels: what is below is more of the same

export class Gallery {
  static async in(folder) {
    await mkdir(folder, { recursive: true });
    for (const file of await readdir(folder)) if (file.endsWith('.webp')) await rm(join(folder, file));
    return Object.assign(new Gallery(), { folder, pictures: [] });
  }

  async takes(cdp, about, width, scheme) {
    if (about.unseen) return;
    const wide = width === 1200 && scheme === 'light', narrow = about.narrow && width === 360 && scheme === 'dark';
    if (!wide && !narrow) return;
    const { cssContentSize } = await cdp.send('Page.getLayoutMetrics');
    const clip = { x: 0, y: 0, width, height: Math.min(Math.ceil(cssContentSize.height), tallest), scale: wide ? 0.75 : 1 };
    const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: 40, captureBeyondViewport: true, clip });
    const file = `${about.name}${narrow ? '-narrow-dark' : ''}.webp`;
    await writeFile(join(this.folder, file), Buffer.from(data, 'base64'));
    this.pictures.push({ file, narrow, ...about });
  }

  // writes the page that shows them.
  async writes() {
    const parts = new Map();
    for (const one of this.pictures) parts.set(one.part, [...(parts.get(one.part) ?? []), one]);
    let text = '# What the pages look like\n\nTaken by `make screens` from the walk of the stories ([testing.md](../testing.md)). The federation is invented.\n';
    for (const [part, pictures] of parts) {
      text += `\n## ${part}\n`;
      for (const one of pictures.filter((p) => !p.narrow)) {
        const narrow = pictures.find((p) => p.narrow && p.name === one.name);
        text += `\n**${one.words}** (\`${one.address}\`)\n\n<img src="${one.file}" width="640" alt="${one.words}, wide and light">`;
        text += narrow ? ` <img src="${narrow.file}" width="200" alt="${one.words}, narrow and dark">\n` : '\n';
      }
    }
    await writeFile(join(this.folder, 'README.md'), text);
    console.log(`gallery|pictures ${this.pictures.length}|${this.folder}`);
  }
}
