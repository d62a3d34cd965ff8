// Styles: from the files in Themes/ and Keymaps/ to the values in Canvas.
//
// A file is TOML. `StyleLibrary` finds it by name along a list of directories, follows `inherits`,
// and gives a `Theme` or a `Keymap` with everything that was doubtful as `StyleProblem`s, each with
// its file, line and column. `ThemeCheck` judges a theme: contrast, colour-blind safety, coverage.
//
// Never: a trap on any file; a file outside the directories given, unless asked for by path;
// more than `StyleLibrary.sizeLimit` bytes of one file.
//
// `SettingsStore` reads the user's settings as far as they can be read, and changes their lines.
//
// Read: StyleProblem, StyleDocument, StyleLibrary, ThemeFile, KeymapFile, ThemeCheck, SettingsStore.
