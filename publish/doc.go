// Package publish writes a decision as people publish it, and reads what they
// published (docs/publishing.md): one Markdown file in the form of the
// federation's docs site, with the folder as its state. It is text made of
// decisions and decisions made of text; it stores nothing and touches no file.
//
// Writing is strict: only what everybody may read, the same bytes as long as
// nothing changed, and no text of people can pass for a line of the header, for
// the front matter or for the record. Reading is lenient: what people wrote by
// hand is taken as far as it is understood, and what had to be guessed is told.
//
// What the form carries is everything above the record. A file that was read and
// is written again has the same bytes there; below stands that nothing was
// counted here, with what the file told of its result as a quotation.
package publish
