// Canvas: what a screen is made of, before any terminal is involved.
//
// A `Frame` is a grid of cells; screens draw into it, tests print it as text, and the terminal
// sends the difference between two of them. Colours are not in the cells: a cell names a `Role`
// ("value.up"), and the `Theme` says at the very end how that role looks on this terminal.
// Keys arrive as bytes through `InputDecoder`, become `Key`s, and find their command in a `Keymap`.
//
// Never: input or output, a clock, a locale, a trap on any text, size, byte or file content.
// Always: every cell holds one printable grapheme of one or two columns; nothing from outside
// reaches a cell without passing `Sanitiser`.
//
// Read: Geometry, Cell, Role, Frame, Sanitiser, TextWidth, FrameDifference; then Theme and Colour;
// then Key, Keymap, KeyReader, InputDecoder.
